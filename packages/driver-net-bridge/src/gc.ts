import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { HostStep } from '@rt/driver-api'
import { observeLink } from '@rt/native'
import { isOurs } from './choose-subnet.ts'
import { describeLink } from './observe.ts'
import { bridgeDirectory, bridgesDirectory, FORWARDING_KEY, forwardingFile } from './plan.ts'

/** Every bridge that has state below the run root, whatever the config names today, and the one that it names. */
export const knownBridges = (runRoot: string, configured: string): readonly string[] => {
  const directory = bridgesDirectory(runRoot)
  const names = existsSync(directory)
    ? readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
    : []
  return names.includes(configured) || observeLink(configured) === undefined ? names : [...names, configured]
}

/** Takes away what all containers of a bridge shared, less its rules, which go first: none may refer to an interface that is gone. */
export const removeBridge = (runRoot: string, bridge: string): readonly HostStep[] => {
  const link = observeLink(bridge)
  const ours = link !== undefined && isOurs(describeLink(link))
  const directory = bridgeDirectory(runRoot, bridge)
  const leases = join(directory, 'leases')
  return [
    ...(ours
      ? [
          {
            where: 'host',
            op: 'link.del',
            name: bridge,
            why: `rt made ${bridge}, and nothing is plugged in any more.`,
          } as const,
        ]
      : []),
    ...files(directory, (name) => name !== 'leases').map((path) => removeStep(path)),
    { where: 'host', op: 'dir.remove', path: leases, why: 'No address is leased any more.' },
    { where: 'host', op: 'dir.remove', path: directory, why: `Nothing is left to know of ${bridge}.` },
  ]
}

/** Empty where rt did not change it. */
export const restoreForwarding = (runRoot: string): readonly HostStep[] =>
  existsSync(forwardingFile(runRoot))
    ? [
        {
          where: 'host',
          op: 'sysctl',
          key: FORWARDING_KEY,
          value: '0',
          why: 'This host did not forward packets before rt made it.',
        },
        removeStep(forwardingFile(runRoot)),
      ]
    : []

export const removeStep = (path: string): HostStep => ({
  where: 'host',
  op: 'file.remove',
  path,
  why: 'It belongs to no container that is there.',
})

const files = (directory: string, wanted: (name: string) => boolean): readonly string[] =>
  existsSync(directory)
    ? readdirSync(directory)
        .filter(wanted)
        .map((name) => join(directory, name))
    : []
