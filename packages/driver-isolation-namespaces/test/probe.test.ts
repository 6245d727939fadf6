import { describe, expect, test } from 'vitest'
import { parseCgroupLayout } from '../src/cgroups/layout.ts'
import NamespacesDriver from '../src/index.ts'
import { type HostFacts, judgeHost } from '../src/probe.ts'

const good: HostFacts = {
  uid: 0,
  kernel: '6.1.0-18-amd64',
  namespaces: new Set(['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup']),
  seccomp: true,
  machineKnown: true,
  machine: 'x64',
  layout: parseCgroupLayout('24 23 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw'),
}

describe('can this host do it?', () => {
  test.each<[string, Partial<HostFacts>, RegExp]>([
    ['yes', {}, /6\.1\.0-18-amd64; cgroups: v2; devices are controlled by a BPF program/],
    ['yes, the oldest kernel', { kernel: '5.6.0' }, /5\.6\.0/],
    ['yes, without device control', { layout: parseCgroupLayout('') }, /cannot be controlled .* without CAP_MKNOD/],
  ])('%s', (_, facts, detail) => {
    expect(judgeHost({ ...good, ...facts })).toEqual({ ok: true, detail: expect.stringMatching(detail) })
  })

  test.each<[string, Partial<HostFacts>, RegExp, RegExp]>([
    ['not root', { uid: 1000 }, /does not run as root/, /sudo/],
    [
      'a namespace is missing',
      { namespaces: new Set(['pid', 'mnt', 'uts', 'net', 'cgroup']) },
      /no ipc namespace/,
      /CONFIG_IPC_NS/,
    ],
    ['an old kernel', { kernel: '5.5.19' }, /5\.5\.19 has no openat2/, /5\.6/],
    ['a much older kernel', { kernel: '4.19.0-26' }, /openat2/, /5\.6/],
    ['no seccomp', { seccomp: false }, /filter system calls/, /CONFIG_SECCOMP_FILTER/],
    ['a machine without a table', { machineKnown: false, machine: 'riscv64' }, /riscv64/, /aarch64/],
  ])('no: %s', (_, facts, reason, remedy) => {
    expect(judgeHost({ ...good, ...facts })).toEqual({
      ok: false,
      reason: expect.stringMatching(reason),
      remedy: expect.stringMatching(remedy),
    })
  })

  test('the driver asks this host and changes nothing', async () => {
    const probe = await new NamespacesDriver({ root: '/x', runRoot: '/x', options: {} }).probe()
    expect(probe.ok).toBe(process.geteuid?.() === 0)
  })
})
