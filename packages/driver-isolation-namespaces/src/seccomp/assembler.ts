/** One `struct sock_filter`. */
export interface Instruction {
  readonly code: number
  readonly jt: number
  readonly jf: number
  readonly k: number
}

/** Opcodes of classic BPF that filters need, as in linux/bpf_common.h. */
export const OP = { load: 0x20, jump: 0x05, ifEqual: 0x15, ifAtLeast: 0x35, ifAnyBit: 0x45, ret: 0x06 } as const

/** A place in the program, counted from its end. */
export type Label = number

/** Conditional jumps have 8 bits for the distance. Two less: a detour for one branch moves the other one further away. */
const REACH = 253

/**
 * Writes a program from its end to its beginning, because classic BPF only jumps forward: every target is then already
 * written when it is named, and no label has to be patched.
 */
export class BackwardAssembler {
  readonly #reversed: Instruction[] = []
  /** The latest place that returns a value. */
  readonly #returns = new Map<number, Label>()

  ret(value: number): Label {
    const known = this.#returns.get(value)
    if (known !== undefined && this.#distance(known) <= REACH) return known
    const label = this.#push({ code: OP.ret, jt: 0, jf: 0, k: value })
    this.#returns.set(value, label)
    return label
  }

  /** Loads a 32-bit word of struct seccomp_data at a byte offset, and goes on at `next`. */
  load(offset: number, next: Label): Label {
    this.#continueAt(next)
    return this.#push({ code: OP.load, jt: 0, jf: 0, k: offset })
  }

  branch(code: typeof OP.ifEqual | typeof OP.ifAtLeast | typeof OP.ifAnyBit, k: number, yes: Label, no: Label): Label {
    const near = this.#reachable(yes)
    const alsoNear = this.#reachable(no)
    return this.#push({ code, jt: this.#distance(near), jf: this.#distance(alsoNear), k })
  }

  /** The program so that it starts at `entry`. */
  finish(entry: Label): Instruction[] {
    this.#continueAt(entry)
    return this.#reversed.toReversed()
  }

  #push(instruction: Instruction): Label {
    this.#reversed.push(instruction)
    return this.#reversed.length - 1
  }

  #distance(label: Label): number {
    return this.#reversed.length - label - 1
  }

  /** The same as `label`, not too far for a conditional jump. */
  #reachable(label: Label): Label {
    if (this.#distance(label) <= REACH) return label
    const target = this.#reversed[label]
    if (target?.code === OP.ret) return this.ret(target.k)
    return this.#push({ code: OP.jump, jt: 0, jf: 0, k: this.#distance(label) })
  }

  #continueAt(label: Label): void {
    const distance = this.#distance(label)
    if (distance > 0) this.#push({ code: OP.jump, jt: 0, jf: 0, k: distance })
  }
}

/** struct sock_filter[] as the kernel of a little-endian machine wants it: u16 code, u8 jt, u8 jf, u32 k. */
export function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8)
  for (const [i, { code, jt, jf, k }] of program.entries()) {
    bytes.writeUInt16LE(code, i * 8)
    bytes.writeUInt8(jt, i * 8 + 2)
    bytes.writeUInt8(jf, i * 8 + 3)
    bytes.writeUInt32LE(k, i * 8 + 4)
  }
  return bytes
}
