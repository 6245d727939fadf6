import { RtError } from '@rt/driver-api'
import { type Image, isPath, runsHere } from '@rt/images'
import type { Drivers } from '../drivers/registry.ts'
import { wrongPlatform } from '../images/wrong-platform.ts'
import { resolveNetworks } from '../networks/resolve.ts'
import type { ResolvedNetwork } from '../networks/resolved.ts'
import type { RunRequest } from '../request.ts'
import type { StartInput } from '../run/start.ts'
import type { Tell } from '../tell.ts'
import type { Parts } from './parts.ts'

/** Which drivers a container gets; the configured ones where left out. */
export interface DriverChoice {
  readonly isolation?: string
  readonly storage?: string
}

/** Everything that a container is made of, looked up. Errors: RT_DRIVER_UNKNOWN, RT_NET_UNKNOWN, RT_IMAGE_*, RT_REGISTRY_*. */
export const startInput = async (
  parts: Parts,
  asked: RunRequest,
  tell: Tell,
  choice: DriverChoice,
): Promise<StartInput & { readonly tell: Tell }> => {
  const { layout, drivers } = parts
  const request =
    asked.spec.pid === undefined ? asked : (await import('../run/shared-pid.ts')).withOtherId(layout, asked)
  const networks = await networksOf(parts, request)
  const names = parts.driverNames()
  return {
    layout,
    registry: drivers,
    drivers: await driversOf(parts, request, choice),
    networks,
    names: { ...names, network: networks[0]?.driverName ?? names.network, ...choice },
    image: await imageOf(parts, request, tell),
    request,
    tell,
  }
}

export const networksOf = (parts: Parts, { networks = [{ name: '' }] }: RunRequest): Promise<ResolvedNetwork[]> => {
  const wishes = networks.map((wish) => (wish.name === '' ? { ...wish, name: parts.driverNames().network } : wish))
  return resolveNetworks(parts.layout, parts.drivers, wishes)
}

export const driversOf = async (
  parts: Parts,
  { init, spec }: RunRequest,
  choice: DriverChoice = {},
): Promise<Omit<Drivers, 'network'>> => {
  const { drivers } = parts
  const names = parts.driverNames()
  const { isolation = names.isolation, storage = names.storage } = choice
  const [isolates, stores] = await Promise.all([
    drivers.resolve('isolation', isolation),
    drivers.resolve('storage', storage),
  ])
  if (init && !(await drivers.capabilities('isolation', isolation)).init)
    throw new RtError('RT_DRIVER_LACKS', `The isolation driver ${isolation} knows no --init`, { exitCode: 125 })
  if (spec.groups !== undefined) await requireGroupNames(parts, isolation, spec.groups)
  return { isolation: isolates, storage: stores }
}

const requireGroupNames = async ({ drivers }: Parts, isolation: string, groups: readonly string[]): Promise<void> => {
  const name = groups.find((group) => !/^\d+$/.test(group))
  if (name === undefined || (await drivers.capabilities('isolation', isolation)).groupNames === true) return
  throw new RtError('RT_DRIVER_LACKS', `The isolation driver ${isolation} looks up no groups: --group-add ${name}`, {
    remedy: 'Give the number of the group.',
    exitCode: 125,
  })
}

/** Where it is here it costs nothing more than finding it. */
export const imageOf = async (parts: Parts, request: RunRequest, tell: Tell): Promise<Image> => {
  const { images } = parts
  const { image: reference, pull = 'missing', platform } = request
  if (isPath(reference)) return (await import('../images/from-path.ts')).imageFromPath(images, request, tell)
  if (pull !== 'always' && platform === undefined) {
    const found = images.find(reference)
    if (found) {
      if (!runsHere(found)) tell(wrongPlatform(found, reference))
      return found
    }
  }
  const { obtainImage } = await import('../images/obtain.ts')
  return obtainImage(images, parts.registryAccess(), { reference, pull, platform }, tell)
}
