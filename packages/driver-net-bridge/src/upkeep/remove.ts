import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostStep, NetworkDefinition } from '@rt/driver-api'
import { acceptRaKey, FORWARDING_KEY, FORWARDING6_KEY, type Forwarding6Before } from '../forwarding.ts'
import { isThere, knownBridges } from '../known-bridges.ts'
import { leasesDirectory } from '../leases/lease-store.ts'
import { bridgeDirectory, bridgesDirectory, forwarding6File, forwardingFile, portsDirectory } from '../paths.ts'
import { definedSettings } from '../settings.ts'
import type { BridgeDriver } from './bridge-driver.ts'
import { gc, removeStep } from './gc.ts'

/** All that a network has on the host; with the last one goes what all of them needed. Nothing where no container has ever used it. */
export const remove = (driver: BridgeDriver, network: NetworkDefinition): readonly HostStep[] => {
  const { runRoot, options } = driver
  const { bridge } = definedSettings(network)
  if (!existsSync(bridgeDirectory(runRoot, bridge)) && !isThere(bridge)) return []
  const isLast = knownBridges(runRoot, [options.name]).every((each) => each === bridge)
  return [...removeBridges(driver, [bridge]), ...(isLast ? restoreSteps(runRoot) : [])]
}

/** All networks' bridges, rules and notes, and the host's own settings as they were. */
export const reset = (driver: BridgeDriver, networks: readonly NetworkDefinition[]): readonly HostStep[] => {
  const { runRoot, options } = driver
  const named = [options.name, ...networks.map((network) => definedSettings(network).bridge)]
  const bridges = knownBridges(runRoot, named)
  const steps = bridges.length === 0 ? [] : [...gc(driver, new Set()), ...removeBridges(driver, bridges)]
  // The lock of the rules lies beside the bridges' directories: no rule is left to be locked.
  return [...steps, ...settingSteps(runRoot), ...filesIn(bridgesDirectory(runRoot)).map(removeStep)]
}

/** What the host did before. */
const settingSteps = (runRoot: string): readonly HostStep[] => [
  ...restoreForwarding(runRoot),
  ...restoreForwarding6(runRoot),
]

/** That, and its notes. */
const restoreSteps = (runRoot: string): readonly HostStep[] => [
  ...settingSteps(runRoot),
  ...[forwardingFile(runRoot), forwarding6File(runRoot)].filter(existsSync).map(removeStep),
]

/** Rules first, so that none refers to an interface that is gone. */
const removeBridges = ({ runRoot, firewall }: BridgeDriver, bridges: readonly string[]): readonly HostStep[] => [
  ...firewall.remove(bridges),
  ...bridges.filter(isThere).map(
    (name): HostStep => ({
      where: 'host',
      op: 'link.del',
      name,
      why: `rt made ${name}, and nothing is plugged in any more.`,
    }),
  ),
  ...bridges.flatMap((bridge) => {
    const directory = bridgeDirectory(runRoot, bridge)
    const inner = [leasesDirectory(directory), portsDirectory(runRoot, bridge)]
    return [...inner, directory].flatMap((path) => emptySteps(path, `Nothing is left to know of ${bridge}.`))
  }),
]

const emptySteps = (directory: string, why: string): readonly HostStep[] => [
  ...filesIn(directory).map(removeStep),
  { where: 'host', op: 'dir.remove', path: directory, why },
]

/** Empty where rt did not change it. */
const restoreForwarding = (runRoot: string): readonly HostStep[] =>
  existsSync(forwardingFile(runRoot))
    ? [settingStep(FORWARDING_KEY, '0', 'This host did not forward packets before rt made it.')]
    : []

const restoreForwarding6 = (runRoot: string): readonly HostStep[] => {
  const path = forwarding6File(runRoot)
  if (!existsSync(path)) return []
  const { acceptRa } = JSON.parse(readFileSync(path, 'utf8')) as Forwarding6Before
  return [
    settingStep(FORWARDING6_KEY, '0', 'This host did not forward IPv6 packets before rt made it.'),
    ...acceptRa
      .filter((link) => existsSync(`/proc/sys/net/ipv6/conf/${link}`))
      .map((link) => settingStep(acceptRaKey(link), '1', `${link} believed router advertisements as a host does.`)),
  ]
}

const settingStep = (key: string, value: string, why: string): HostStep => ({
  where: 'host',
  op: 'sysctl',
  key,
  value,
  why,
})

const filesIn = (directory: string): readonly string[] =>
  existsSync(directory)
    ? readdirSync(directory, { withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => join(directory, name))
    : []
