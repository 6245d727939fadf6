import type { OciSpec } from '@rt/driver-api'
import { describe, expect, test } from 'vitest'
import { ALL_CAPABILITIES } from '../spec/index.ts'
import { execProcess, execSpec } from './process.ts'
import type { ExecRequest } from './request.ts'

const spec: OciSpec = {
  ociVersion: '1.2.0',
  hostname: 'box',
  root: { path: '/r', readonly: false },
  process: {
    terminal: true,
    args: ['server'],
    env: ['PATH=/opt/bin', 'A=1', 'HOSTNAME=box'],
    cwd: '/srv',
    user: { username: 'www-data', additionalGids: [7] },
    capabilities: ['CAP_CHOWN'],
    noNewPrivileges: true,
    rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }],
    oomScoreAdj: 100,
  },
  mounts: [],
  linux: { namespaces: [], maskedPaths: [], readonlyPaths: [], seccomp: 'default', cgroupsPath: '/x' },
}
const process_ = (change: Partial<ExecRequest> = {}) =>
  execProcess(
    spec,
    {
      container: 'box',
      command: ['ls', '-l'],
      stdin: 'null',
      tty: false,
      detach: false,
      env: [],
      envFiles: [],
      privileged: false,
      ...change,
    },
    { CALLER: 'c' },
  )

describe('the process of an exec', () => {
  test('is the container\u2019s but for the command and the terminal', () => {
    expect(process_()).toEqual({
      ...spec.process,
      terminal: false,
      args: ['ls', '-l'],
      env: ['PATH=/opt/bin', 'HOSTNAME=box', 'A=1'],
    })
  })

  test('environment: the container, files, flags; TERM with a terminal', () => {
    const { env, terminal } = process_({ tty: true, envFiles: ['A=2', 'B=2'], env: ['B=3', 'CALLER', 'UNSET'] })
    expect(terminal).toBe(true)
    expect([...env].sort()).toEqual(['A=2', 'B=3', 'CALLER=c', 'HOSTNAME=box', 'PATH=/opt/bin', 'TERM=xterm'])
  })

  test('another user has none of the container user\u2019s groups', () => {
    expect(process_({ user: '1000:7' }).user).toEqual({ username: '1000:7', additionalGids: [] })
  })

  test('another directory, absolute', () => {
    expect(process_({ workdir: '/a/../b' }).cwd).toBe('/b')
    expect(() => process_({ workdir: 'a' })).toThrow(expect.objectContaining({ code: 'RT_USAGE' }))
  })

  test('--privileged', () => {
    expect(process_({ privileged: true })).toMatchObject({ capabilities: ALL_CAPABILITIES, noNewPrivileges: false })
    expect(execSpec(spec, true).linux).not.toHaveProperty('seccomp')
    expect(execSpec(spec, false)).toBe(spec)
  })
})
