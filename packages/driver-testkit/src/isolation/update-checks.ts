import { existsSync, readFileSync } from 'node:fs'
import { isRtError, type OciResources } from '@rt/driver-api'
import { expectRefusal } from '../bench/bench.ts'
import { ensureSteps } from '../bench/common.ts'
import { ensure } from '../check.ts'
import type { IsolationBench } from './bench.ts'
import type { IsolationCheck } from './check.ts'
import { until } from './processes.ts'
import { type Running, runByShim } from './shim.ts'

/** Each line of input makes it fork. */
const FORKS = 'read line; (echo forked); read line; (echo forked again); read line'
const TOP = '/sys/fs/cgroup'

/** What the driver's own usage, or else the control group of the program, says of a limit. */
const LIMITS = {
  pids: { usage: 'pidsLimit', files: ['pids.max'] },
  memory: { usage: 'memoryLimitBytes', files: ['memory.max', 'memory.limit_in_bytes'] },
} as const

const hasController = (name: string): boolean =>
  existsSync(`${TOP}/${name}`) ||
  [TOP, `${TOP}/unified`]
    .map((path) => `${path}/cgroup.controllers`)
    .some((path) => existsSync(path) && readFileSync(path, 'utf8').trim().split(' ').includes(name))

/** A driver may say that this host has nothing that could do it, where that is so. It is seen here: the trial's control groups may have less than the machine's. */
const unlessNobodyCan =
  (controllers: readonly string[], run: (bench: IsolationBench) => Promise<void>) =>
  async (bench: IsolationBench): Promise<void> => {
    try {
      await run(bench)
    } catch (error) {
      if (!isRtError(error) || error.code !== 'RT_LIMIT_UNSUPPORTED' || controllers.every(hasController)) throw error
    }
  }

export const updateChecks: readonly IsolationCheck[] = [
  {
    name: 'puts a running container under the limits of an update, and takes them away',
    method: 'update',
    run: unlessNobodyCan(['pids', 'memory'], async (bench) => {
      await runByShim(bench, ['sh', '-c', 'read line'], async (running) => {
        const half = 2 ** 29
        await update(bench, running, { pids: { limit: 64 }, memory: { limit: half } })
        await expectLimit(bench, running, 'pids', 64)
        await expectLimit(bench, running, 'memory', half)
        await update(bench, running, { pids: { limit: 32 }, memory: { limit: 2 * half } })
        await expectLimit(bench, running, 'pids', 32)
        await expectLimit(bench, running, 'memory', 2 * half)
        await update(bench, running, { pids: { limit: -1 }, memory: { limit: -1 } })
        await expectLimit(bench, running, 'pids', undefined)
        await expectLimit(bench, running, 'memory', undefined)
      })
    }),
  },
  {
    name: 'holds a running container to the limits of an update',
    method: 'update',
    run: unlessNobodyCan(['pids'], async (bench) => {
      const { stdout } = await runByShim(bench, ['sh', '-c', FORKS], async (running) => {
        await update(bench, running, { pids: { limit: 64 } })
        running.say('fork')
        await until('the program does not fork, though it may', () => running.said().includes('forked'))
        await update(bench, running, { pids: { limit: 1 } })
        running.say('fork')
      })
      ensure(stdout === 'forked\n', 'the program has forked, though it may be but one process')
    }),
  },
  {
    name: 'refuses an update that this host cannot do',
    method: 'update',
    run: (bench) =>
      runByShim(bench, ['sh', '-c', 'read line'], (running) =>
        expectRefusal(/^RT_LIMIT_/, 'a processor that no machine has', () =>
          update(bench, running, { cpu: { cpus: '65535' } }),
        ),
      ).then(() => {}),
  },
]

const update = async (bench: IsolationBench, { container }: Running, resources: OciResources): Promise<void> => {
  const steps = await bench.driver().update?.({ id: container.id }, resources)
  ensureSteps(steps, 'the answer to update', ['host'])
  bench.perform(steps ?? [])
}

const expectLimit = async (
  bench: IsolationBench,
  { container, pid }: Running,
  controller: keyof typeof LIMITS,
  wanted: number | undefined,
): Promise<void> => {
  const { usage, files } = LIMITS[controller]
  const said = await bench.driver().usage?.({ id: container.id })
  const found = said?.[usage] ?? limitIn(pid, controller, files)
  ensure(found === wanted, `after an update to ${wanted ?? 'no limit'} the ${controller} limit is ${found ?? 'none'}`)
}

const limitIn = (pid: number, controller: string, files: readonly string[]): number | undefined => {
  const text = groupsOf(pid, controller)
    .flatMap((group) => files.map((file) => `${group}/${file}`))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, 'latin1').trim())[0]
  // What v1 says where there is none is the largest number of pages.
  return text === undefined || text === 'max' || Number(text) >= 2 ** 62 ? undefined : Number(text)
}

/** Where the files of a controller may be for a process: its group of that v1 hierarchy, or the one of v2. */
const groupsOf = (pid: number, controller: string): string[] =>
  readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
      if (controllers.split(',').includes(controller)) return [`${TOP}/${controllers}${path}`]
      return line.startsWith('0::') ? [`${TOP}${path}`, `${TOP}/unified${path}`] : []
    })
