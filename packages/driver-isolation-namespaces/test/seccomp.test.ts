import { describe, expect, test } from 'vitest'
import { BackwardAssembler, encode, OP } from '../src/seccomp/assembler.ts'
import { assembleProfile, compileProfile } from '../src/seccomp/compile.ts'
import { seccompFilter } from '../src/seccomp/filter.ts'
import { aarch64, arm, i386, x86_64 } from '../src/seccomp/generated/numbers.ts'
import { PRECOMPILED } from '../src/seccomp/generated/precompiled.ts'
import { ALWAYS, CONDITIONAL, ON_ARCHITECTURE, PRETEND_MISSING, WITH_CAPABILITY } from '../src/seccomp/profile.ts'
import { run } from './bpf.ts'

const NAMES: Readonly<Record<number, string>> = {
  2147418112: 'allow',
  327681: 'EPERM',
  327718: 'ENOSYS',
  2147483648: 'kill',
}
const ABIS = {
  x86_64: { machine: 'x86_64', abi: 0xc000003e, numbers: x86_64 },
  i386: { machine: 'x86_64', abi: 0x40000003, numbers: i386 },
  aarch64: { machine: 'aarch64', abi: 0xc00000b7, numbers: aarch64 },
  arm: { machine: 'aarch64', abi: 0x40000028, numbers: arm },
} as const
type AbiName = keyof typeof ABIS
const abiNames = Object.keys(ABIS) as AbiName[]

function verdict(abi: AbiName, call: string | number, argument = 0, capabilities = ['CAP_SYS_CHROOT']): string {
  const { machine, abi: auditId, numbers } = ABIS[abi]
  const number = typeof call === 'number' ? call : numbers[call]
  if (number === undefined) throw new Error(`${abi} has no ${call}`)
  const { result } = run(assembleProfile(capabilities, machine), { abi: auditId, number, argument })
  return NAMES[result] ?? result.toString(16)
}

describe.each(abiNames)('%s: the default profile', (abi) => {
  const { machine, abi: auditId, numbers } = ABIS[abi]
  const program = assembleProfile(['CAP_SYS_CHROOT'], machine)
  const allowed = new Set([...ALWAYS, ...ON_ARCHITECTURE[machine], 'chroot'])

  test('decides for every known call as the table says', () => {
    for (const [name, number] of Object.entries(numbers)) {
      if (name in CONDITIONAL) continue
      const expected = allowed.has(name) ? 'allow' : PRETEND_MISSING.includes(name) ? 'ENOSYS' : 'EPERM'
      const known = number <= Math.max(...[...allowed].map((n) => numbers[n] ?? 0).filter((n) => n < 0x10000))
      const { result } = run(program, { abi: auditId, number })
      expect([name, NAMES[result]]).toEqual([name, known || allowed.has(name) ? expected : 'ENOSYS'])
    }
  })

  test('needs few instructions per call', () => {
    const most = Math.max(...Object.values(numbers).map((number) => run(program, { abi: auditId, number }).steps))
    expect(most).toBeLessThanOrEqual(20)
    expect(program.length).toBeLessThan(400)
  })
})

describe('what must not be possible in a container', () => {
  const refused = [
    'mount', 'umount2', 'unshare', 'setns', 'pivot_root', 'keyctl', 'add_key', 'request_key', 'bpf', 'perf_event_open',
    'init_module', 'finit_module', 'delete_module', 'kexec_load', 'reboot', 'swapon', 'swapoff', 'userfaultfd', 'syslog', 'acct',
    'open_by_handle_at', 'process_madvise', 'pidfd_getfd', 'kcmp', 'settimeofday', 'quotactl', 'fsopen', 'move_mount', 'open_tree',
    'io_uring_setup', 'sethostname', 'vhangup', 'mbind', 'nfsservctl', 'personality',
  ] // biome-ignore format: a list
  test.each(abiNames)('%s', (abi) => {
    for (const name of refused) {
      if (ABIS[abi].numbers[name] === undefined) continue
      expect([name, verdict(abi, name, name === 'personality' ? 0x40000 : 0)]).toEqual([name, 'EPERM'])
    }
  })
})

describe('arguments', () => {
  const CLONE_NEWUSER = 0x10000000
  test.each<[string, number, string]>([
    ['clone', 0x11, 'allow'], // SIGCHLD
    ['clone', 0x3d0f00, 'allow'], // a thread of glibc
    ['clone', 0x11 | CLONE_NEWUSER, 'EPERM'],
    ['clone', 0x20000, 'EPERM'],
    ['clone', 0x02000000, 'EPERM'],
    ['clone', 0x40000000, 'EPERM'],
    ['clone3', 0, 'ENOSYS'],
    ['personality', 0x0, 'allow'],
    ['personality', 0x8, 'allow'],
    ['personality', 0x20000, 'allow'],
    ['personality', 0x20008, 'allow'],
    ['personality', 0xffffffff, 'allow'],
    ['personality', 0x40000, 'EPERM'], // ADDR_NO_RANDOMIZE
    ['personality', 0x1, 'EPERM'],
    ['personality', 0xfffffffe, 'EPERM'],
    ['socket', 1, 'allow'], // unix
    ['socket', 2, 'allow'], // inet
    ['socket', 10, 'allow'], // inet6
    ['socket', 16, 'allow'], // netlink
    ['socket', 17, 'allow'], // packet
    ['socket', 38, 'EPERM'], // alg
    ['socket', 40, 'EPERM'], // vsock
    ['socket', 45, 'allow'], // mctp
    ['socket', 46, 'EPERM'],
    ['socket', 0xffffffff, 'EPERM'],
  ])('%s(%i) -> %s', (name, argument, expected) => {
    for (const abi of abiNames) expect([abi, verdict(abi, name, argument)]).toEqual([abi, expected])
  })

  test('every address family, one by one', () => {
    const families = Array.from({ length: 64 }, (_, family) => family)
    const open = families.filter((family) => verdict('x86_64', 'socket', family) === 'allow')
    const closed = [0, 12, 19, 20, 23, 25, 34, 37, 38, 40]
    expect(open).toEqual(families.filter((family) => family <= 45 && !closed.includes(family)))
  })
})

describe('capabilities open what they stand for', () => {
  test.each(Object.entries(WITH_CAPABILITY))('%s', (capability, names) => {
    for (const abi of abiNames) {
      for (const name of names) {
        if (ABIS[abi].numbers[name] === undefined || (name === 'clone' && capability !== 'CAP_SYS_ADMIN')) continue
        expect([abi, name, verdict(abi, name, 0x10000000, [capability])]).toEqual([abi, name, 'allow'])
        if (!ALWAYS.includes(name)) expect([abi, name, verdict(abi, name, 0x10000000, [])]).not.toContain('allow')
      }
    }
  })
})

describe('what the profile does not name', () => {
  test.each<[AbiName, number, string]>([
    ['x86_64', 334, 'allow'], // rseq
    ['x86_64', 336, 'EPERM'], // a hole in the table that a later kernel may fill
    ['x86_64', 467, 'ENOSYS'], // open_tree_attr, newer than the profile
    ['x86_64', 0xffff, 'ENOSYS'],
    ['x86_64', 0x40000000, 'ENOSYS'], // x32's read
    ['x86_64', 0xffffffff, 'ENOSYS'],
    ['i386', 500, 'ENOSYS'],
    ['aarch64', 244, 'EPERM'],
    ['arm', 0xf0005, 'allow'], // set_tls
    ['arm', 0xf0003, 'ENOSYS'],
  ])('%s call %i -> %s', (abi, number, expected) => expect(verdict(abi, number)).toBe(expected))

  test('a program of a foreign machine is killed', () => {
    for (const abi of [0xc00000f3, 0x80000015, 0]) {
      expect(run(assembleProfile([], 'x86_64'), { abi, number: 0 }).result).toBe(0x80000000)
      expect(run(assembleProfile([], 'aarch64'), { abi, number: 0 }).result).toBe(0x80000000)
    }
  })
})

test('names in the profile are names of system calls', () => {
  const known = new Set(abiNames.flatMap((abi) => Object.keys(ABIS[abi].numbers)))
  // Other machines have these, or the kernel had them once.
  const elsewhere = ['riscv_hwprobe', 'recv', 'umount', 'sync_file_range2', 'stime', 'lookup_dcookie']
  const all = [...ALWAYS, ...Object.values(WITH_CAPABILITY).flat(), ...Object.values(ON_ARCHITECTURE).flat()]
  expect(all.filter((name) => !known.has(name) && !elsewhere.includes(name))).toEqual([])
  expect(ALWAYS.length).toBe(new Set(ALWAYS).size)
})

describe('compiled ahead of time', () => {
  test.each(['x86_64', 'aarch64'] as const)('%s: what the compiler says', (machine) => {
    expect(PRECOMPILED[machine]).toEqual({
      CAP_SYS_CHROOT: compileProfile(['CAP_SYS_CHROOT'], machine),
      '': compileProfile([], machine),
    })
  })
  test('for the default capabilities and for none; others are compiled', async () => {
    const usual = await seccompFilter(['CAP_CHOWN', 'CAP_SYS_CHROOT', 'CAP_MKNOD'], 'x86_64')
    expect(usual).toBe(compileProfile(['CAP_SYS_CHROOT'], 'x86_64'))
    expect(await seccompFilter([], 'x86_64')).toBe(compileProfile([], 'x86_64'))
    for (const name of Object.keys(WITH_CAPABILITY)) {
      if (name !== 'CAP_SYS_CHROOT') expect(await seccompFilter([name, 'CAP_SYS_CHROOT'], 'x86_64')).not.toBe(usual)
    }
  })
})

describe('the assembler', () => {
  test('takes a detour where a branch would jump further than 8 bits', () => {
    const asm = new BackwardAssembler()
    const far = asm.load(0, asm.ret(7))
    let near = asm.ret(9)
    for (let i = 0; i < 600; i++) near = asm.branch(OP.ifEqual, 10_000 + i, far, near)
    const program = asm.finish(near)
    for (const { jt, jf } of program) expect(Math.max(jt, jf)).toBeLessThanOrEqual(255)
    for (const number of [10_000, 10_300, 10_599]) {
      const loaded = [{ code: OP.load, jt: 0, jf: 0, k: 0 }, ...program]
      expect(run(loaded, { abi: 0, number }).result).toBe(7)
      expect(run(loaded, { abi: 0, number: number + 1000 }).result).toBe(9)
    }
  })

  test('encodes struct sock_filter', () => {
    const bytes = encode([{ code: OP.ifAtLeast, jt: 1, jf: 255, k: 0xc000003e }])
    expect([...bytes]).toEqual([0x35, 0, 1, 255, 0x3e, 0, 0, 0xc0])
  })
})
