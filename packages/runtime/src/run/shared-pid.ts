import { type CgroupPlan, type HostStep, RtError } from '@rt/driver-api'
import { closeFd, type JoinedNamespace } from '@rt/native'
import type { Layout } from '../layout.ts'
import type { RunRequest } from '../request.ts'
import type { SpecFlags } from '../spec/index.ts'
import { findOther } from '../store/find.ts'
import { holdInit } from '../store/init.ts'
import { readRecord } from '../store/record.ts'
import { readInit } from '../store/state.ts'

/** What `--pid host` and `--pid container:NAME` change: a pid namespace that does not end with the container. */
export interface SharedPid {
  readonly joined: readonly JoinedNamespace[]
  /** Cgroups of the container, by which all of it is found. */
  readonly killRest: readonly string[]
}

const CONTAINER = /^container:(.+)$/s

/** The other container by its id, which stays when it is renamed. @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
export const withOtherId = (layout: Layout, request: RunRequest): RunRequest => {
  const [, name] = CONTAINER.exec(request.spec.pid ?? '') ?? []
  if (name === undefined) return request
  return { ...request, spec: { ...request.spec, pid: `container:${findOther(layout, name)}` } }
}

/** @throws RtError RT_CONTAINER_NOT_RUNNING, RT_DRIVER_LACKS where nothing tells which processes are the container's */
export const sharedPid = (layout: Layout, { pid = '' }: SpecFlags, { directories }: CgroupPlan): SharedPid => {
  const [killRest] = directories
  if (killRest === undefined)
    throw new RtError(
      'RT_DRIVER_LACKS',
      `--pid ${pid}: without a control group nobody knows which processes are the container's`,
      {
        remedy: 'Mount the control groups of this host (see `rt doctor`), or leave out --pid.',
        exitCode: 125,
      },
    )
  const [, other] = CONTAINER.exec(pid) ?? []
  return { joined: other === undefined ? [] : [pidNamespaceOf(layout, other)], killRest: [killRest] }
}

const pidNamespaceOf = (layout: Layout, text: string): JoinedNamespace => {
  const id = findOther(layout, text)
  const name = readRecord(layout.record(id))?.name ?? text
  const init = readInit(layout, id)
  try {
    // So that it is this one, and lives.
    const held = holdInit(layout, id, name)
    closeFd(held.pidfd)
    if (init?.pid === held.pid) return { kind: 'pid', pid: init.pid, startTime: init.startTime }
  } catch (error) {
    throw notRunning(name, error)
  }
  throw notRunning(name)
}

const notRunning = (name: string, cause?: unknown): RtError =>
  new RtError('RT_CONTAINER_NOT_RUNNING', `The container ${name}, whose processes it is to see, is not running`, {
    remedy: `Start it with \`rt start ${name}\`.`,
    cause,
    exitCode: 125,
  })

/** First of all that is undone. */
export const killSteps = ({ directories }: CgroupPlan): HostStep[] =>
  directories.slice(0, 1).map((path) => ({
    where: 'host',
    op: 'cgroup.kill',
    path,
    why: 'Its pid namespace is not its own, so its processes do not end with the first one: they are found by their control group.',
    see: 'cgroups(7)',
  }))
