import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostStep, SandboxStep } from '@rt/driver-api'
import { afterAll, describe, expect, it } from 'vitest'
import { encodePlan } from '../src/plan/encode.ts'
import { capabilityMask, cloneFlags, mountFlags } from '../src/plan/flags.ts'
import { canShimPerform, compileEnterPlan, compilePlan } from '../src/plan/index.ts'
import { OPCODES, PHASES } from '../src/plan/opcodes.ts'
import { compileSandboxStep } from '../src/plan/sandbox.ts'

const header = readFileSync(join(import.meta.dirname, '../shim/plan.h'), 'utf8')
const shim = join(import.meta.dirname, '../dist/rt-shim')

describe('the numbers of TypeScript and of C', () => {
  it('are the same for every opcode', () => {
    const inC = Object.fromEntries([...header.matchAll(/\bOP_(\w+) = (\d+)/g)].map(([, name, n]) => [name, Number(n)]))
    expect(inC).toEqual(OPCODES)
  })

  it('are the same for every phase', () => {
    const inC = [...header.matchAll(/\bPHASE_(\w+) = (\d+)/g)].map(([, name = '', n]) => [
      name.toLowerCase(),
      Number(n),
    ])
    expect(Object.fromEntries(inC)).toEqual(PHASES)
  })
})

/** Reads a plan back as the shim does. */
const decode = (bytes: Uint8Array): { phase: number; op: number; args: string[] }[] => {
  const plan = Buffer.from(bytes)
  expect(plan.toString('latin1', 0, 8)).toBe('RTPLAN1\0')
  const records = []
  for (let at = 8; at < plan.length; ) {
    const [argc, size] = [plan.readUInt16LE(at + 2), plan.readUInt32LE(at + 4)]
    const args: string[] = []
    for (let a = at + 8; args.length < argc; ) {
      const length = plan.readUInt32LE(a)
      args.push(plan.toString('utf8', a + 4, a + 4 + length))
      expect(plan[a + 4 + length]).toBe(0)
      a += 4 + ((length + 4) & ~3)
    }
    records.push({ phase: plan[at] ?? 0, op: plan[at + 1] ?? 0, args })
    at += size
  }
  return records
}

describe('steps of limits and settings', () => {
  const args = (step: Pick<SandboxStep, 'op'>) => {
    const { op, args } = compileSandboxStep({ where: 'sandbox', why: '', ...step } as SandboxStep)
    return [op, ...args]
  }

  it('have the kernel\u2019s numbers, and all bits set for no limit', () => {
    const limit = { op: 'process.rlimit' as const, type: 'RLIMIT_MEMLOCK', soft: 1, hard: -1 }
    expect(args(limit)).toEqual(['RLIMIT', 8, 1n, (1n << 64n) - 1n, 'RLIMIT_MEMLOCK'])
    const reset = { op: 'process.reset' as const, nofile: [1024, -1] }
    expect(args(reset)).toEqual(['RESET', 1024n, (1n << 64n) - 1n])
    const score = { op: 'process.oom_score_adj' as const, value: -5 }
    expect(args(score)).toEqual(['OOM_SCORE_ADJ', -5])
    const unknown = { ...limit, type: 'RLIMIT_NONE' }
    expect(() => args(unknown)).toThrow(RangeError)
  })

  it('name the file of a sysctl', () => {
    const sysctl = { op: 'inside.sysctl' as const, key: 'net.ipv4.conf.eth0/1.rp_filter', value: '1' }
    expect(args(sysctl)).toEqual(['SYSCTL', '/proc/sys/net/ipv4/conf/eth0.1/rp_filter', '1'])
  })
})

describe('compileEnterPlan', () => {
  it('is a plan with the container\u2019s first process', () => {
    const sandbox: SandboxStep[] = [{ where: 'sandbox', op: 'process.exec', argv: ['x'], env: ['A=1'], why: '' }]
    const input = { pid: 42, detachKeys: Uint8Array.of(16, 17), onFailure: ['f'], sandbox }
    const ops = (plan: Uint8Array) => decode(plan).map(({ op, args }) => [op, ...args])
    expect(ops(compileEnterPlan({ ...input, stdin: 'inherit', detach: false }))).toEqual([
      [OPCODES.ENTER, '42', '16,17'],
      [OPCODES.ON_FAILURE, 'f'],
      [OPCODES.EXEC, '1', 'x', 'A=1'],
    ])
    expect(ops(compileEnterPlan({ ...input, stdin: 'null', detach: true })).map(([op]) => op)).toEqual([
      OPCODES.ENTER,
      OPCODES.ON_FAILURE,
      OPCODES.STDIN_NULL,
      OPCODES.DETACH,
      OPCODES.EXEC,
    ])
  })
})

describe('encodePlan', () => {
  it('keeps every byte of every argument', () => {
    const args = ['', 'a', 'abc', 'abcd', 'ä€😀', 'x'.repeat(5000), 42, 1n << 40n]
    expect(decode(encodePlan([{ phase: 'sandbox', op: 'EXEC', args }]))).toEqual([
      { phase: PHASES.sandbox, op: OPCODES.EXEC, args: args.map(String) },
    ])
  })

  it('refuses a text with a NUL in it, which C would take for its end', () => {
    expect(() => encodePlan([{ phase: 'sandbox', op: 'HOSTNAME', args: ['a\0b'] }])).toThrow(/NUL/)
  })
})

describe('compilePlan', () => {
  const sandbox: SandboxStep[] = [
    { where: 'sandbox', op: 'hostname', name: 'box', why: 'w' },
    { where: 'sandbox', op: 'process.exec', argv: ['true'], env: ['A=1'], why: 'w' },
  ]
  const monitor = {
    statusFile: '/s',
    exitFile: '/e',
    stdin: 'null' as const,
    onFailure: ['rt', 'f'],
    onLeave: ['rt', 'l'],
  }
  const compile = (leave: HostStep[], testStopAt?: number) =>
    decode(
      compilePlan({
        monitor,
        cgroups: ['/c'],
        newNamespaces: ['pid'],
        sandbox,
        leave,
        ...(testStopAt !== undefined && { testStopAt }),
      }),
    )
  const ops = (records: ReturnType<typeof compile>, phase: keyof typeof PHASES) =>
    records.filter((r) => r.phase === PHASES[phase]).map((r) => r.op)
  const remove: HostStep = { where: 'host', op: 'file.remove', path: '/f', holding: 'me', why: 'w' }
  const beyond: HostStep = { where: 'host', op: 'link.del', name: 'x', why: 'w' }

  it('has one instruction for each sandbox step, so that indices agree', () => {
    expect(ops(compile([]), 'sandbox')).toEqual([OPCODES.HOSTNAME, OPCODES.EXEC])
  })

  it('leaves all clean-up to TypeScript where one step of it is beyond the shim', () => {
    expect([remove, beyond].map(canShimPerform)).toEqual([true, false])
    expect(ops(compile([remove]), 'host')).toEqual([OPCODES.FILE_REMOVE])
    expect(ops(compile([remove]), 'monitor')).not.toContain(OPCODES.ON_LEAVE)
    expect(ops(compile([remove, beyond]), 'host')).toEqual([])
    expect(ops(compile([remove, beyond]), 'monitor')).toContain(OPCODES.ON_LEAVE)
  })

  it('stops for a test before the step that is named', () => {
    expect(ops(compile([], 1), 'sandbox')).toEqual([OPCODES.HOSTNAME, OPCODES.TEST_STOP, OPCODES.EXEC])
    expect(ops(compile([], 2), 'sandbox')).not.toContain(OPCODES.TEST_STOP)
  })
})

it("knows the kernel's numbers", () => {
  expect(mountFlags(['ro', 'bind', 'rec', 'remount'])).toBe(1 | 4096 | 16384 | 32)
  expect(cloneFlags(['pid', 'mount', 'uts', 'ipc'])).toBe(0x2c020000)
  expect(capabilityMask(['CAP_CHOWN', 'CAP_SYS_CHROOT', 'CAP_CHECKPOINT_RESTORE'])).toBe(1n | (1n << 18n) | (1n << 40n))
  expect(() => capabilityMask(['CAP_FLY'])).toThrow(/CAP_FLY/)
})

describe.skipIf(!existsSync(shim))('the shim given a damaged plan', () => {
  const good = encodePlan([{ phase: 'host', op: 'FILE_REMOVE', args: ['/nonexistent/rt-test'] }])
  const perform = (bytes: Uint8Array): number | null => {
    writeFileSync(scratch, bytes)
    return spawnSync('sh', ['-c', 'exec "$0" perform 3 3<"$1"', shim, scratch]).status
  }
  const scratch = `/tmp/rt-plan-${process.pid}`
  afterAll(() => rmSync(scratch, { force: true }))

  it('performs a whole one', () => expect(perform(good)).toBe(0))

  it('refuses it at any length and with any length inside it, and does not crash', () => {
    for (let size = 0; size < good.length; size++) {
      const cut = perform(good.subarray(0, size))
      expect(size === 8 ? [0] : [125]).toContain(cut)
    }
    for (const at of [2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((offset) => offset + 8)) {
      const wrong = Buffer.from(good)
      wrong[at] = 0xff
      expect(perform(wrong)).toBe(125)
    }
  })
})
