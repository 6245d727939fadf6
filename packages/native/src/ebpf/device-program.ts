import { RtError } from '@rt/driver-api'

// Opcodes of linux/bpf.h, as far as they are used.
const LDX_W = 0x61
const MOV32_REG = 0xbc
const MOV64_IMM = 0xb7
const AND32_IMM = 0x54
const RSH32_IMM = 0x74
const JNE_IMM = 0x55
const JNE_REG = 0x5d
const EXIT = 0x95

const CONTEXT = 1
const TYPE = 2
const ACCESS = 3
const MAJOR = 4
const MINOR = 5
const SCRATCH = 6

const TYPES: Readonly<Record<string, number>> = { b: 1, c: 2 }
const ACCESSES: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 }

/**
 * The eBPF program of a cgroup's device list: struct bpf_insn[], for BPF_PROG_TYPE_CGROUP_DEVICE. It answers 1 (allow) at the first rule that
 * covers the access, else 0. Rules in cgroup v1's notation: `c 1:3 rwm`, `c 136:* rwm`, `a` for everything.
 */
export const deviceProgram = (rules: readonly string[]): Buffer => {
  const parsed = rules.map(parseRule)
  // The verifier refuses instructions that nothing can reach, and nothing can behind a rule for everything.
  const everything = parsed.findIndex((rule) => rule.type === undefined)
  const body =
    everything === -1
      ? [...parsed.flatMap(encodeRule), ...answer(0)]
      : [...parsed.slice(0, everything).flatMap(encodeRule), ...answer(1)]
  return Buffer.concat([...prologue(), ...body])
}

/** struct bpf_cgroup_dev_ctx: access_type (low half the type, high half the access), major, minor. */
const prologue = (): Buffer[] => [
  instruction(LDX_W, TYPE, CONTEXT, 0, 0),
  instruction(MOV32_REG, ACCESS, TYPE, 0, 0),
  instruction(AND32_IMM, TYPE, 0, 0, 0xffff),
  instruction(RSH32_IMM, ACCESS, 0, 0, 16),
  instruction(LDX_W, MAJOR, CONTEXT, 4, 0),
  instruction(LDX_W, MINOR, CONTEXT, 8, 0),
]

interface DeviceRule {
  readonly type?: number
  readonly major?: number
  readonly minor?: number
  readonly access: number
}

const ALL_ACCESS = 7

/** Each condition jumps to the next rule when it does not hold. */
const encodeRule = (rule: DeviceRule): Buffer[] => {
  const conditions: ((toNext: number) => Buffer[])[] = []
  const compare = (register: number, value: number | undefined) => {
    if (value !== undefined) conditions.push((toNext) => [instruction(JNE_IMM, register, 0, toNext, value)])
  }
  compare(TYPE, rule.type)
  if (rule.access !== ALL_ACCESS) {
    // Every bit that is asked for must be granted: access & granted === access.
    conditions.push((toNext) => [
      instruction(MOV32_REG, SCRATCH, ACCESS, 0, 0),
      instruction(AND32_IMM, SCRATCH, 0, 0, rule.access),
      instruction(JNE_REG, SCRATCH, ACCESS, toNext, 0),
    ])
  }
  compare(MAJOR, rule.major)
  compare(MINOR, rule.minor)
  // From the last to the first, so that each knows how far away the next rule is.
  let program = answer(1)
  for (const condition of conditions.reverse()) program = condition(program.length).concat(program)
  return program
}

const answer = (value: 0 | 1): Buffer[] => [instruction(MOV64_IMM, 0, 0, 0, value), instruction(EXIT, 0, 0, 0, 0)]

const instruction = (opcode: number, to: number, from: number, offset: number, immediate: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt8(opcode, 0)
  bytes.writeUInt8((from << 4) | to, 1)
  bytes.writeInt16LE(offset, 2)
  bytes.writeInt32LE(immediate, 4)
  return bytes
}

const parseRule = (rule: string): DeviceRule => {
  const match = /^(?:a|a \*:\* rwm|([bc]) (\*|\d+):(\*|\d+) ([rwm]{1,3}))$/.exec(rule)
  if (match === null) throw new RtError('RT_INTERNAL', `"${rule}" is not a device rule.`)
  const [, type, major, minor, access] = match
  if (type === undefined) return { access: ALL_ACCESS }
  const number = (text: string | undefined) => (text === undefined || text === '*' ? undefined : Number(text))
  const [majorNumber, minorNumber, typeNumber] = [number(major), number(minor), TYPES[type]]
  return {
    access: [...(access ?? '')].reduce((bits, letter) => bits | (ACCESSES[letter] ?? 0), 0),
    ...(typeNumber === undefined ? {} : { type: typeNumber }),
    ...(majorNumber === undefined ? {} : { major: majorNumber }),
    ...(minorNumber === undefined ? {} : { minor: minorNumber }),
  }
}
