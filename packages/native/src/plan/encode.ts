import { endianness } from 'node:os'
import { type Arg, type Instruction, OPCODES, PHASES } from './opcodes.ts'

const MAGIC = Buffer.from('RTPLAN1\0', 'latin1')
const RECORD_HEADER = 8
const LITTLE = endianness() === 'LE'

const bytesOf = (arg: Arg): Uint8Array => (arg instanceof Uint8Array ? arg : Buffer.from(String(arg), 'utf8'))

/** With its closing NUL, to a multiple of four. */
const padded = (length: number): number => (length + 4) & ~3

/**
 * The bytes that the shim maps: a magic with the format's version, then records of {u8 phase, u8 op, u16 argc, u32 size} and their
 * arguments, each {u32 length, bytes, NUL, padding}. Numbers are decimal text, integers in the machine's byte order.
 *
 * @throws RangeError for an argument with a NUL in it, which C would take for its end
 */
export const encodePlan = (instructions: readonly Instruction[]): Uint8Array => {
  const encoded = instructions.map(({ phase, op, args }) => ({ phase, op, args: args.map(bytesOf) }))
  const sizes = encoded.map(({ args }) => args.reduce((sum, arg) => sum + 4 + padded(arg.length), RECORD_HEADER))
  const out = Buffer.alloc(sizes.reduce((sum, size) => sum + size, MAGIC.length))
  const u16 = LITTLE ? out.writeUInt16LE.bind(out) : out.writeUInt16BE.bind(out)
  const u32 = LITTLE ? out.writeUInt32LE.bind(out) : out.writeUInt32BE.bind(out)
  out.set(MAGIC)
  let at = MAGIC.length
  for (const [index, { phase, op, args }] of encoded.entries()) {
    out[at] = PHASES[phase]
    out[at + 1] = OPCODES[op]
    u16(args.length, at + 2)
    u32(sizes[index] ?? 0, at + 4)
    at += RECORD_HEADER
    for (const [position, arg] of args.entries()) {
      if (typeof instructions[index]?.args[position] === 'string' && arg.includes(0))
        throw new RangeError(`an argument of ${op} has a NUL character in it`)
      u32(arg.length, at)
      out.set(arg, at + 4)
      at += 4 + padded(arg.length)
    }
  }
  return out
}
