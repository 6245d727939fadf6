import { type Arg, type Instruction, OPCODES, PHASES } from './opcodes.ts'

const MAGIC = 'RTPLAN1\0'
const RECORD_HEADER = 8
/** The shim reads the machine's own order. Not from node:os, which is a module more to load. */
const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** With its closing NUL, to a multiple of four. */
const padded = (length: number): number => (length + 4) & ~3

/** The most that an argument can take: three bytes for each UTF-16 unit. */
const bound = (arg: Arg): number =>
  4 + padded(typeof arg === 'string' ? arg.length * 3 : typeof arg === 'object' ? arg.length : 24)

/**
 * The bytes that the shim maps: a magic with the format's version, then records of {u8 phase, u8 op, u16 argc, u32 size} and their
 * arguments, each {u32 length, bytes, NUL, padding}. Numbers are decimal text, integers in the machine's byte order.
 *
 * @throws RangeError for a text with a NUL in it, which C would take for its end
 */
export const encodePlan = (instructions: readonly Instruction[]): Uint8Array => {
  let size = MAGIC.length
  for (const { args } of instructions) {
    size += RECORD_HEADER
    for (const arg of args) size += bound(arg)
  }
  // Zeroed: what is not written is padding. One buffer and a DataView, because this is on the way of every start.
  const out = Buffer.alloc(size)
  const view = new DataView(out.buffer, out.byteOffset, out.length)
  let at = out.write(MAGIC, 'latin1')
  for (const { phase, op, args } of instructions) {
    const record = at
    view.setUint8(record, PHASES[phase])
    view.setUint8(record + 1, OPCODES[op])
    view.setUint16(record + 2, args.length, LITTLE)
    at += RECORD_HEADER
    for (const arg of args) {
      const length = put(out, at + 4, arg, op)
      view.setUint32(at, length, LITTLE)
      at += 4 + padded(length)
    }
    view.setUint32(record + 4, at - record, LITTLE)
  }
  return out.subarray(0, at)
}

/** Answers the length in bytes. */
const put = (out: Buffer, at: number, arg: Arg, op: string): number => {
  if (typeof arg === 'object') {
    out.set(arg, at)
    return arg.length
  }
  const text = String(arg)
  if (text.includes('\0')) throw new RangeError(`an argument of ${op} has a NUL character in it`)
  return out.write(text, at)
}
