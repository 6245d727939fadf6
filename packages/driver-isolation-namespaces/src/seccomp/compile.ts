import { BackwardAssembler, encode, type Instruction, type Label, OP } from './assembler.ts'
import { aarch64, arm, i386, x86_64 } from './generated/numbers.ts'
import {
  ALWAYS,
  type Architecture,
  CONDITIONAL,
  type Condition,
  ON_ARCHITECTURE,
  PRETEND_MISSING,
  WITH_CAPABILITY,
} from './profile.ts'

// linux/seccomp.h, linux/audit.h and asm-generic/errno.h
const RET_KILL_PROCESS = 0x80000000
const RET_ERRNO = 0x00050000
const RET_ALLOW = 0x7fff0000
const REFUSED = RET_ERRNO | 1 // EPERM
const MISSING = RET_ERRNO | 38 // ENOSYS
const DATA = { number: 0, architecture: 4, firstArgument: 16 } as const

type Numbers = Readonly<Record<string, number>>
/** `auditId` is what seccomp_data.arch says. */
interface Abi {
  readonly auditId: number
  readonly numbers: Numbers
}

/** The machine's own ABI first, then the 32-bit one that it also runs, as Docker allows. */
const ABIS: Readonly<Record<Architecture, readonly [Abi, Abi]>> = {
  x86_64: [
    { auditId: 0xc000003e, numbers: x86_64 },
    { auditId: 0x40000003, numbers: i386 },
  ],
  aarch64: [
    { auditId: 0xc00000b7, numbers: aarch64 },
    { auditId: 0x40000028, numbers: arm },
  ],
}

/** Above them are only ARM's private calls (0xf0000) and x32 (0x40000000). */
const LAST_ORDINARY = 0xffff

/**
 * The default profile for a container that keeps `capabilities`, as instructions of classic BPF. Little-endian machines only.
 *
 * What is not allowed fails with EPERM; a call newer than all that the profile names with ENOSYS, so that libc falls back to the older one
 * (runc's rule; github.com/opencontainers/runc/issues/2151). x32 programs get ENOSYS for everything, as from a kernel built without
 * x32; programs of a foreign machine are killed.
 */
export function assembleProfile(capabilities: readonly string[], architecture: Architecture): Instruction[] {
  const asm = new BackwardAssembler()
  const allowed = new Set([...ALWAYS, ...ON_ARCHITECTURE[architecture]])
  for (const capability of capabilities) for (const name of WITH_CAPABILITY[capability] ?? []) allowed.add(name)
  let entry = asm.ret(RET_KILL_PROCESS)
  for (const { auditId, numbers } of ABIS[architecture].toReversed()) {
    const otherwise = entry
    const search = asm.load(DATA.number, searchTree(asm, rulesOf(asm, allowed, numbers)))
    entry = asm.branch(OP.ifEqual, auditId, search, otherwise)
  }
  return asm.finish(asm.load(DATA.architecture, entry))
}

/** `assembleProfile` as `process.seccomp` takes it: struct sock_filter[] in base64. */
export const compileProfile = (capabilities: readonly string[], architecture: Architecture): string =>
  encode(assembleProfile(capabilities, architecture)).toString('base64')

/** What happens from `from` on, up to the next one's `from`. */
interface Range {
  readonly from: number
  readonly target: Label
}

function rulesOf(asm: BackwardAssembler, allowed: ReadonlySet<string>, numbers: Numbers): Range[] {
  const allow = asm.ret(RET_ALLOW)
  const refused = asm.ret(REFUSED)
  const missing = asm.ret(MISSING)
  const rules = new Map<number, Label>()
  let lastKnown = 0
  const rule = (name: string, target: () => Label) => {
    const number = numbers[name]
    if (number === undefined) return
    rules.set(number, target())
    if (number <= LAST_ORDINARY) lastKnown = Math.max(lastKnown, number)
  }
  // A capability that allows a call outright comes after, and so replaces, what is said of it here.
  for (const name of PRETEND_MISSING) rule(name, () => missing)
  for (const [name, condition] of Object.entries(CONDITIONAL)) {
    if (!allowed.has(name)) rule(name, () => check(asm, condition, allow, refused))
  }
  for (const name of allowed) rule(name, () => allow)

  const ranges: Range[] = []
  const from = (number: number, target: Label) => {
    if (ranges.at(-1)?.target !== target) ranges.push({ from: number, target })
  }
  const gap = (number: number) => from(number, number <= lastKnown ? refused : missing)
  let next = 0
  for (const [number, target] of [...rules].sort(([a], [b]) => a - b)) {
    if (number > next) gap(next)
    from(number, target)
    next = number + 1
  }
  gap(next)
  return ranges
}

/** A balanced binary search for the range that holds the loaded word. */
function searchTree(asm: BackwardAssembler, ranges: readonly Range[]): Label {
  const middle = ranges[ranges.length >> 1]
  if (middle === undefined) throw new RangeError('a search needs a range')
  if (ranges.length === 1) return middle.target
  const upper = searchTree(asm, ranges.slice(ranges.length >> 1))
  const lower = searchTree(asm, ranges.slice(0, ranges.length >> 1))
  return asm.branch(OP.ifAtLeast, middle.from, upper, lower)
}

function check(asm: BackwardAssembler, condition: Condition, allow: Label, refused: Label): Label {
  if ('noneOfBits' in condition) {
    return asm.load(DATA.firstArgument, asm.branch(OP.ifAnyBit, condition.noneOfBits, refused, allow))
  }
  const ranges: Range[] = []
  let next = 0
  for (const [first, last] of condition.oneOf) {
    if (first > next) ranges.push({ from: next, target: refused })
    ranges.push({ from: first, target: allow })
    next = last + 1
  }
  if (next <= 0xffffffff) ranges.push({ from: next, target: refused })
  return asm.load(DATA.firstArgument, searchTree(asm, ranges))
}
