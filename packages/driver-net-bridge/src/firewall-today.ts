import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RtError } from '@rt/driver-api'
import { capture, nftGeneration } from '@rt/native'
import { parseSubnet, type Subnet } from './address/subnet.ts'
import { checkFirewall } from './firewall/check.ts'
import type { Firewall, FirewallBackend, FirewallContext, FirewalledBridge } from './firewall/firewall.ts'
import { chainsOf } from './firewall/rules.ts'
import { parseSaved } from './firewall/saved.ts'
import { firewallSteps, oneByOne, removalSteps } from './firewall/steps.ts'
import { bridgeDirectory, bridgesDirectory } from './paths.ts'

/** The rules of before published ports, behind the interface of those that are to come. */
export const createFirewall = (_backend: FirewallBackend, { runRoot }: FirewallContext): Firewall => {
  const lock = join(bridgesDirectory(runRoot), 'firewall.lock')
  const ensure = ({ bridge, subnets, masquerade }: FirewalledBridge) => {
    const note = join(bridgeDirectory(runRoot, bridge), 'rules')
    const seen = `${bridge} ${subnets.v4} ${masquerade}`
    if (existsSync(note) && readFileSync(note, 'utf8') === `${seen} ${nftGeneration()}`) return []
    const chains = chainsOf(bridge, parseSubnet(subnets.v4) as Subnet, masquerade)
    const { gaps, generation } = checkFirewall(chains, () => capture('iptables-save'), nftGeneration)
    if (generation !== undefined) {
      mkdirSync(bridgeDirectory(runRoot, bridge), { recursive: true, mode: 0o700 })
      writeFileSync(note, `${seen} ${generation}`, { mode: 0o600 })
    }
    return oneByOne(firewallSteps(bridge, gaps), lock)
  }
  return {
    ensure,
    publish: (_bridge, ports) => {
      if (ports.length === 0) return { enter: [], leave: [] }
      throw new RtError('RT_INTERNAL', 'This firewall publishes no ports yet.')
    },
    reload: (bridges) => bridges.flatMap(({ bridge }) => ensure(bridge)),
    unpublish: () => [],
    remove: (bridges) => {
      const saved = parseSaved(capture('iptables-save'))
      return oneByOne(
        bridges.flatMap((bridge) => removalSteps(bridge, chainsOf(bridge, { network: 0, prefix: 0 }, false), saved)),
        lock,
      )
    },
    probe: () => {
      for (const table of ['filter', 'nat']) capture('iptables', '-w', '-t', table, '-S')
      return { ok: true, detail: 'iptables works' }
    },
  }
}
