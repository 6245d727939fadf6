import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { performLeave, performSteps } from '@rt/native'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCgroupLayout } from '../src/cgroups/layout.ts'
import { planCgroups } from '../src/cgroups/plan.ts'

const layout = parseCgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'))
/** Where there are both kinds, rt takes the list; the program is tried nevertheless. */
const layouts = [
  { by: 'list', hierarchy: layout.controllers.get('devices'), only: { kind: 'v1', controllers: layout.controllers } },
  { by: 'program', hierarchy: layout.unified, only: { ...layout, controllers: new Map() } },
] as const
const ROOT = process.geteuid?.() === 0

/** A disk of this machine, or a number that a disk might have. */
const [major = '1', minor = '0'] =
  /^ +(\d+) +(\d+) +\d+ (vd|sd|xvd|nvme)/m.exec(readFileSync('/proc/partitions', 'utf8'))?.slice(1) ?? []

const present = layouts.filter(({ hierarchy }) => hierarchy !== undefined)

describe.skipIf(!ROOT).each(present)('the device rules in the kernel, by a $by (needs root)', ({ by, only }) => {
  const plan = planCgroups(`test${randomBytes(8).toString('hex')}`, only)
  const [cgroup = ''] = plan.directories
  let directory: string
  /** Runs a shell command that joins the control group first. */
  const inside = (script: string) =>
    spawnSync('sh', ['-c', `echo $$ > ${cgroup}/cgroup.procs && cd ${directory} && ${script}`], { encoding: 'utf8' })

  beforeAll(() => {
    directory = mkdtempSync(`${tmpdir()}/rt-devices-`)
    performSteps(plan.enter)
  })
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true })
    performLeave(plan.leave)
    expect(existsSync(cgroup)).toBe(false)
  })

  if (by === 'list')
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
    expect(inside(`mknod disk b ${major} ${minor} && echo made && head -c 1 disk`)).toMatchObject({
      stdout: 'made\n',
      stderr: expect.stringContaining('Operation not permitted'),
    })
  })
})
