import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCgroupLayout } from '../src/cgroups/layout.ts'
import { deviceControl, planCgroups } from '../src/cgroups/plan.ts'

const layout = parseCgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'))
const control = deviceControl(layout)
const ROOT = process.geteuid?.() === 0

describe.skipIf(!ROOT || control.by !== 'v1')('the device list in the kernel (needs root and cgroup v1)', () => {
  const plan = planCgroups(`test${randomBytes(8).toString('hex')}`, layout)
  const [cgroup = ''] = plan.directories
  let directory: string
  /** Runs a shell command that joins the control group first. */
  const inside = (script: string) =>
    spawnSync('sh', ['-c', `echo $$ > ${cgroup}/cgroup.procs && cd ${directory} && ${script}`], { encoding: 'utf8' })

  beforeAll(() => {
    directory = mkdtempSync(`${tmpdir()}/rt-devices-`)
    for (const step of plan.enter) {
      if (step.op === 'cgroup.make') mkdirSync(step.path)
      else if (step.op === 'cgroup.write') writeFileSync(step.path, step.value)
      else throw new Error(`unexpected step ${step.op}`)
    }
  })
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true })
    for (const step of plan.leave) if (step.op === 'cgroup.remove' && existsSync(step.path)) rmdirSync(step.path)
    expect(existsSync(cgroup)).toBe(false)
  })

  test('the list is what was planned', () => {
    expect(readFileSync(`${cgroup}/devices.list`, 'utf8').trim().split('\n').sort()).toEqual(
      plan.enter.flatMap((step) => (step.op === 'cgroup.write' && step.value !== 'a' ? [step.value] : [])).sort(),
    )
  })
  test('harmless devices work', () => {
    expect(inside('echo x > /dev/null && head -c 3 /dev/zero | wc -c && head -c 3 /dev/urandom | wc -c').stdout).toBe(
      '3\n3\n',
    )
  })
  test("a node of the host's memory can be made, but not opened", () => {
    expect(inside('mknod kmsg c 1 11 && cat kmsg')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Operation not permitted'),
    })
    // The same node opens where no such list applies, so it is the list that refused.
    expect(execFileSync('sh', ['-c', `exec 3< ${directory}/kmsg && echo opened`], { encoding: 'utf8' })).toBe(
      'opened\n',
    )
  })
  test('nor can a disk', () => {
    expect(inside('mknod disk b 1 0 && head -c 1 disk').stderr).toContain('Operation not permitted')
  })
})
