import { type Instruction, OP } from '../src/seccomp/assembler.ts'

export interface Call {
  /** seccomp_data.arch */
  readonly abi: number
  readonly number: number
  /** Low 32 bits of the first argument. */
  readonly argument?: number
}

/** Runs a filter as the kernel would, on the parts of seccomp_data that filters look at. Throws where the kernel's checker would refuse. */
export function run(
  program: readonly Instruction[],
  { abi, number, argument = 0 }: Call,
): { result: number; steps: number } {
  const words = new Map([
    [0, number],
    [4, abi],
    [16, argument],
  ])
  let accumulator = 0
  let steps = 0
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at] as Instruction
    steps++
    const branch = (taken: boolean) => {
      at += taken ? jt : jf
    }
    if (code === OP.ret) return { result: k, steps }
    if (code === OP.load) {
      const word = words.get(k)
      if (word === undefined) throw new Error(`load from offset ${k}`)
      accumulator = word >>> 0
    } else if (code === OP.jump) at += k
    else if (code === OP.ifEqual) branch(accumulator === k)
    else if (code === OP.ifAtLeast) branch(accumulator >= k)
    else if (code === OP.ifAnyBit) branch((accumulator & k) !== 0)
    else throw new Error(`unknown instruction ${code}`)
  }
  throw new Error('the program ends without a return')
}
