import type { HostStep, Probe, PublishedPort } from '@rt/driver-api'
import { capture } from '@rt/native'
import type {
  Firewall,
  FirewallContext,
  FirewalledBridge,
  Published,
  PublishingBridge,
  PublishPlan,
} from '../firewall.ts'
import { foreignAdvice } from '../foreign.ts'
import { isNftFrontEnd } from '../front-end.ts'
import { isLoopbackRight, loopbackAnswers, loopbackSteps } from '../loopback.ts'
import { forgetNote, isSameForm, noteOf, notePaths, readNote, writeNote } from '../notes.ts'
import { byContainer, forgetSteps, hasLocalnet, type Lead, leads, localnetStep, wantLocalnet } from '../ports.ts'
import { gapsOf, missingShared } from './gaps.ts'
import { look } from './look.ts'
import { addPorts, missingPorts, removePorts } from './ports.ts'
import { removalSteps } from './removal.ts'
import { NOTHING, type SavedRules } from './saved.ts'
import { contentStep, guardStep } from './steps.ts'
import { bridgeUnits, type Family, OUTPUT6, sharedUnits, subnetOf } from './units.ts'
import { ruleTexts } from './watch.ts'

const FAMILIES: readonly Family[] = [4, 6]

/** By iptables-restore(8), whichever front end the machine's is. */
export const iptablesFirewall = ({ runRoot }: FirewallContext): Firewall => {
  const paths = notePaths(runRoot)
  const context = () => ({ lock: paths.lock, counted: isNftFrontEnd() })

  const ensure = (wanted: FirewalledBridge, ports: readonly PublishedPort[] = []): readonly HostStep[] => {
    const before = noteOf('iptables', wanted, paths.lock)
    const path = paths.note(wanted.bridge)
    const noted = before === undefined ? undefined : readNote(path)
    const isRight = before !== undefined && noted !== undefined && isLoopbackRight(runRoot, wanted, ports, OUTPUT6)
    if (isRight && noted.startsWith(before)) return []
    const localnet = hasLocalnet(wanted)
    /** Read again: when somebody changed rules meanwhile nobody can tell whether before or after we looked. */
    const remember = (texts: string): void => {
      if (before !== undefined && noteOf('iptables', wanted, paths.lock) === before) writeNote(path, before + texts)
    }
    if (isRight && isSameForm(noted, before)) {
      const texts = ruleTexts(wanted, localnet)
      if (noted.slice(noted.indexOf('\n') + 1) === texts) {
        remember(texts)
        return []
      }
    }
    // Another form of the rules is going to be there: the former must not be believed when somebody asks for it again.
    if (noted !== undefined && before !== undefined && !isSameForm(noted, before)) forgetNote(path)
    const looked = familiesOf(wanted).map((family) => ({ family, saved: look(family) }))
    const steps = looked.flatMap(({ family, saved }) => closing([[wanted, localnet]], saved, family))
    if (steps.length === 0 && looked.every(({ saved }) => saved.nft)) remember(ruleTexts(wanted, localnet))
    return steps
  }

  /** Shared chains first, then those of the bridges, each in a transaction of its own that may find its work done. */
  const closing = (
    bridges: readonly (readonly [FirewalledBridge, localnet: boolean])[],
    saved: SavedRules,
    family: Family,
  ): HostStep[] => {
    const names = bridges.map(([{ bridge }]) => bridge)
    const shared = gapsOf(sharedUnits(family, family === 6 && loopbackAnswers(runRoot, names)), saved)
    const own = bridges.map(([bridge, localnet]) => gapsOf(bridgeUnits(bridge, family, localnet), saved))
    const at = { ...context(), family }
    return [
      ...guardStep(shared, missingShared(saved), at),
      ...own.flatMap((gaps) => guardStep(gaps, [], at)),
      ...contentStep([...shared, ...own.flat()], at),
    ]
  }

  const localnetSteps = (bridge: FirewalledBridge): readonly HostStep[] => {
    if (hasLocalnet(bridge)) return []
    const gaps = gapsOf(
      bridgeUnits(bridge, 4, true).filter(({ table }) => table === 'raw'),
      NOTHING,
    )
    const at = { ...context(), family: 4 as const }
    return [...guardStep(gaps, [], at), ...contentStep(gaps, at), localnetStep(bridge.bridge)]
  }

  const publish = (bridge: FirewalledBridge, ports: readonly Published[]): PublishPlan => {
    const all = bridge.internal ? [] : leads(ports)
    return {
      enter: [
        ...(wantLocalnet(all) ? localnetSteps(bridge) : []),
        ...loopbackSteps(runRoot, bridge, ports),
        ...addPorts(all, context()),
        ...forgetSteps(all),
      ],
      leave: removePorts(all, context()),
    }
  }

  const reload = (bridges: readonly PublishingBridge[]): readonly HostStep[] => {
    const published = bridges.map(({ bridge, ports }) => ({ bridge, all: bridge.internal ? [] : leads(ports) }))
    const isLocal = ({ bridge, all }: { bridge: FirewalledBridge; all: readonly Lead[] }): boolean =>
      wantLocalnet(all) || hasLocalnet(bridge)
    const steps = FAMILIES.flatMap((family) => {
      const here = published.filter(({ bridge }) => subnetOf(bridge, family) !== undefined)
      if (here.length === 0) return []
      const saved = look(family)
      const wanted = here.map((each) => [each.bridge, isLocal(each)] as const)
      const missing = missingPorts(
        here.flatMap(({ all }) => all),
        family,
        saved,
      )
      return [
        ...closing(wanted, saved, family),
        ...addPorts(missing, context()).map((step) => ({ ...step, shared: true })),
        ...forgetSteps(missing),
      ]
    })
    const local = published.filter((each) => wantLocalnet(each.all) && !hasLocalnet(each.bridge))
    return [
      ...steps,
      ...local.map(({ bridge }) => localnetStep(bridge.bridge)),
      ...bridges.flatMap(({ bridge, ports }) => loopbackSteps(runRoot, bridge, ports)),
    ]
  }

  return {
    ensure,
    publish,
    reload,
    unpublish: (_, ports) => byContainer(leads(ports)).flatMap((all) => removePorts(all, context())),
    remove: (bridges) => FAMILIES.flatMap((family) => removalSteps(bridges, look(family), { ...context(), family })),
    probe: () => probe(),
  }
}

const familiesOf = (wanted: FirewalledBridge): readonly Family[] =>
  FAMILIES.filter((family) => subnetOf(wanted, family) !== undefined)

const probe = (): Probe => {
  for (const table of ['filter', 'nat']) capture('iptables', '-w', '-t', table, '-S')
  const advice = foreignAdvice()
  return { ok: true, detail: capture('iptables', '--version').trim(), ...(advice !== undefined && { advice }) }
}
