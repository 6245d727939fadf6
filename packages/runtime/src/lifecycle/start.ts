import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { type CgroupPlan, type ContainerId, RtError } from '@rt/driver-api'
import type { Image } from '@rt/images'
import { closeFd, openProcess, performLeave, waitReadable, waitUnlocked } from '@rt/native'
import type { Layout } from '../layout.ts'
import { resolveNetworks, useOf } from '../networks/resolve.ts'
import type { ResolvedNetwork } from '../networks/resolved.ts'
import type { RunRequest } from '../request.ts'
import { needTerminal } from '../run/attach.ts'
import type { Front } from '../run/front.ts'
import { planGroups } from '../run/groups.ts'
import { claimMounts } from '../run/mounts.ts'
import { type AskedPorts, askedPorts } from '../run/ports.ts'
import { claimLife, type Reservation } from '../run/reserve.ts'
import { launch } from '../run/start.ts'
import type { Container } from '../store/containers.ts'
import { type Context, target } from '../store/context.ts'
import { discardSteps, forgetStep, type LeavePlan } from '../store/leave.ts'
import { lockStore } from '../store/lock.ts'
import { makeStore } from '../store/prepare.ts'
import { reconcile } from '../store/reconcile.ts'
import { imageGone, refused } from '../store/refused.ts'
import { hasFiles, readInit } from '../store/state.ts'
import { PauseSight } from './pause-sight.ts'

export interface StartOptions {
  /** In the foreground, with what it says on this process's streams. */
  readonly attach: boolean
  /** With this process's standard input, where the container was made with one; implies `attach`. */
  readonly interactive: boolean
}

/** What this process is to the container depends on how it is asked for. */
type FrontOf<T> = (request: RunRequest) => Front<T>

/** That nothing was started: it runs already. */
export interface AlreadyRuns {
  readonly already: Container
}

/**
 * Starts a container that has ended or was only created, with its files as they were left, behind a front as `start` does.
 *
 * @throws RtError with the container as it was, but that its exit status tells of the failed start
 */
export const startContainer = <T>(
  context: Context,
  text: string,
  options: StartOptions,
  front: FrontOf<T>,
): Promise<T | AlreadyRuns> => refused(() => startOne(context, text, options, front))

const startOne = async <T>(
  context: Context,
  text: string,
  options: StartOptions,
  front: FrontOf<T>,
): Promise<T | AlreadyRuns> => {
  const { layout, registry, images } = context
  makeStore(layout)
  const { record } = target(layout, text)
  if (options.interactive) needTerminal(record)
  const { drivers: names } = record
  const drivers = {
    isolation: await registry.resolve('isolation', names.isolation),
    storage: await registry.resolve('storage', names.storage),
  }
  const image = images.ofContainer(record.image.id)
  if (!image) throw imageGone(record)
  const cgroups = await planGroups(drivers.isolation, record.id, record.request.spec)
  const reservation = await reserveExisting(context, record.id, cgroups, image)
  if (!('lock' in reservation)) return { already: reservation }
  const request = requestOf(reservation.existing.request, options)
  return launch(
    {
      layout,
      registry,
      drivers,
      networks: reservation.networks,
      names: { ...names, network: reservation.networks[0]?.driverName ?? names.network },
      image,
      request,
      announce: text,
    },
    reservation,
    reservation.ports,
    reservation.existing.mountPoints ?? [],
    front(request),
  )
}

/** The container's own terminal; its standard input for whoever wants to give it some. */
const requestOf = (request: RunRequest, { attach, interactive }: StartOptions): RunRequest => {
  const detach = !attach && !interactive
  return { ...request, detach, stdin: detach || interactive ? request.stdin : 'null' }
}

interface ReservedExisting extends Reservation {
  readonly existing: Container['record']
  readonly networks: readonly ResolvedNetwork[]
  readonly ports: AskedPorts
}

/** The container itself where it lives already. */
const reserveExisting = async (
  context: Context,
  id: ContainerId,
  cgroups: CgroupPlan,
  image: Image,
): Promise<ReservedExisting | Container> => {
  const { layout, registry } = context
  for (;;) {
    const store = await lockStore(layout)
    try {
      const [left] = await reconcile(layout, registry)
      if (left) throw left
      const container = target(layout, id)
      const { record } = container
      // Under the lock: none of them is removed, and it is connected to no others, before it lives.
      const networks = await resolveNetworks(layout, registry, record.request.networks ?? [])
      const ports = await askedPorts(record.request, image.config.config, networks)
      const leave: LeavePlan = {
        networks: networks.map(useOf),
        leave: cgroups.leave,
        // A start that fails does not take away what was there before it; --rm means: gone after whatever start.
        discard: record.autoRemove ? discardSteps(layout, id, record.name, record.mountPoints) : [],
        autoRemove: record.autoRemove,
      }
      const held = claim(context, id, leave)
      if (held) {
        for (const path of [layout.exit(id), layout.stopped(id)]) rmSync(path, { force: true })
        await claimExisting(layout, record, held)
        if (!hasFiles(layout, id)) clearUnfinished(layout, id)
        return { id, name: record.name, lock: held, leave, cgroups, existing: record, networks, ports }
      }
      if (!isEnding(context, container)) return await refusePaused(context, container)
    } finally {
      store.release()
    }
    // Its program has ended, and its shim is still cleaning up.
    waitUnlocked(layout.lock(id))
  }
}

const claimExisting = async (layout: Layout, record: Container['record'], held: Reservation['lock']): Promise<void> => {
  try {
    await claimMounts(layout, record.id, record.mountPoints ?? [], false)
  } catch (error) {
    const [left] = performLeave([forgetStep(layout, record.id)])
    held.release()
    throw left ?? error
  }
}

/** What a first start that was killed half-way made of the storage: a copy that is not complete is no copy. Only the record is to be there. */
const clearUnfinished = (layout: Layout, id: ContainerId): void => {
  const directory = layout.container(id)
  const left = readdirSync(directory).map((name) => `${directory}/${name}`)
  const [error] = performLeave(
    left
      .filter((path) => path !== layout.record(id))
      .map((path) => ({
        where: 'host',
        op: lstatSync(path).isDirectory() ? 'tree.remove' : 'file.remove',
        path,
        why: 'An earlier start did not come to its end.',
      })),
  )
  if (error) throw error
}

const claim = ({ layout }: Context, id: ContainerId, leave: LeavePlan): Reservation['lock'] | undefined => {
  try {
    return claimLife(layout, id, leave)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  }
}

/** Its first process has gone, and no restart policy will make another. */
const isEnding = ({ layout }: Context, { record }: Container): boolean => {
  if ((record.request.restart?.name ?? 'no') !== 'no') return false
  const init = readInit(layout, record.id)
  if (!init) return false
  const pidfd = openProcess(init.pid, init.startTime)
  if (pidfd === undefined) return true
  try {
    return waitReadable([pidfd], 0).size > 0
  } finally {
    closeFd(pidfd)
  }
}

const refusePaused = async ({ registry, layout }: Context, container: Container): Promise<Container> => {
  const found = await new PauseSight(registry, layout).look(container)
  if (found.state.status === 'paused')
    throw new RtError('RT_CONTAINER_PAUSED', `The container ${found.record.name} is paused, not stopped`)
  return found
}
