import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { architecture, seccompFilter } from '../src/seccomp/filter.ts'
import { aarch64, i386, x86_64 } from '../src/seccomp/generated/numbers.ts'

/** The filter in the real kernel: a small C program installs it in itself and then tries. */
const machine = architecture()
const numbers = machine === 'aarch64' ? aarch64 : x86_64
const CAN_COMPILE = spawnSync('cc', ['--version']).status === 0
const ROOT = process.geteuid?.() === 0
const { EPERM, ENOSYS, EINVAL, EBADF, EFAULT } = constants.errno
/** An address that is never mapped: a call that passes the filter then fails with EFAULT and does nothing. */
const NOWHERE = 1

describe.skipIf(machine === undefined || !CAN_COMPILE)('the filter in the kernel (needs cc)', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(`${tmpdir()}/rt-seccomp-`)
    execFileSync('cc', ['-O1', '-o', `${directory}/try-calls`, new URL('./try-calls.c', import.meta.url).pathname])
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  type Call = readonly [name: string, expected: number, ...args: number[]]
  async function tryCalls(mode: 'no_new_privs' | 'root', calls: readonly Call[], capabilities: string[], abi = 'own') {
    if (machine === undefined) throw new Error('unknown machine')
    writeFileSync(`${directory}/filter`, Buffer.from(await seccompFilter(capabilities, machine), 'base64'))
    const table = abi === 'i386' ? i386 : numbers
    const words = calls.map(([name, , ...args]) => [abi, table[name] ?? name, ...args, 0, 0, 0].slice(0, 5).join(':'))
    const out = execFileSync(`${directory}/try-calls`, [mode, `${directory}/filter`, ...words], { encoding: 'utf8' })
    const results = out.trim().split('\n').map(Number)
    return calls.map(([name, , ...args], i) => [name, ...args, results[i]])
  }
  const expected = (calls: readonly Call[]) => calls.map(([name, errno, ...args]) => [name, ...args, errno])

  const ordinary: readonly Call[] = [
    ['getpid', 0],
    ['getcwd', EFAULT, NOWHERE, 100],
    ['openat', EFAULT, 0, NOWHERE],
    ['socket', 0, 1, 1],
    ['socket', 0, 2, 1],
    ['chroot', EFAULT, NOWHERE],
    ['ptrace', 3, 16, 999_999_999], // ESRCH: reached the kernel
    ['close', EBADF, 999],
  ]
  const refused: readonly Call[] = [
    ['unshare', EPERM, 0x10000000],
    ['unshare', EPERM, 0],
    ['mount', EPERM, NOWHERE, NOWHERE],
    ['umount2', EPERM, NOWHERE],
    ['setns', EPERM, 999],
    ['keyctl', EPERM, 0, 0],
    ['bpf', EPERM, 0, NOWHERE],
    ['perf_event_open', EPERM, NOWHERE],
    ['init_module', EPERM, NOWHERE],
    ['open_by_handle_at', EPERM, 0, NOWHERE],
    ['io_uring_setup', EPERM, 1, NOWHERE],
    ['clone', EPERM, 0x10000011],
    ['clone3', ENOSYS, NOWHERE, 88],
    ['socket', EPERM, 40, 1],
    ['socket', EPERM, 38, 5],
    ['personality', EPERM, 0x40000],
    ['467', ENOSYS],
  ]

  test('ordinary calls work, dangerous ones do not', async () => {
    const calls = [...ordinary, ...refused]
    expect(await tryCalls('no_new_privs', calls, ['CAP_SYS_CHROOT'])).toEqual(expected(calls))
  })

  test.skipIf(!ROOT)('as root without no_new_privs, as containers have it (needs root)', async () => {
    const calls = [...ordinary, ...refused]
    expect(await tryCalls('root', calls, ['CAP_SYS_CHROOT'])).toEqual(expected(calls))
  })

  test('a filter that is compiled for other capabilities', async () => {
    const calls: Call[] = [
      ['unshare', 0, 0],
      ['setns', EBADF, 999],
      ['mount', EFAULT, NOWHERE, NOWHERE],
      ['clone3', EINVAL, NOWHERE, 0],
      ['chroot', EPERM, NOWHERE],
    ]
    expect(await tryCalls('no_new_privs', calls, ['CAP_SYS_ADMIN'])).toEqual(expected(calls))
  })

  test.skipIf(machine !== 'x86_64')('32-bit calls are judged by their own numbers', async () => {
    // Some hypervisors let nobody make one: then there is nothing to judge, and a filter makes it no more possible.
    if (spawnSync(`${directory}/try-calls`, ['unfiltered', '/dev/zero', 'i386:20:0:0:0']).signal === 'SIGSEGV') {
      await expect(tryCalls('no_new_privs', [['getpid', 0]], [], 'i386')).rejects.toMatchObject({ signal: 'SIGSEGV' })
      return
    }
    const calls: Call[] = [
      ['getpid', 0],
      ['close', EBADF, 999],
      ['unshare', EPERM, 0],
      ['mount', EPERM, NOWHERE, NOWHERE],
      ['keyctl', EPERM],
      ['clone', EPERM, 0x10000011],
      ['socket', EPERM, 40, 1],
    ]
    expect(await tryCalls('no_new_privs', calls, ['CAP_SYS_CHROOT'], 'i386')).toEqual(expected(calls))
  })
})
