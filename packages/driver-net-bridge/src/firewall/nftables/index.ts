import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
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
import { isLoopbackRight, loopbackAnswers, loopbackSteps } from '../loopback.ts'
import { ownTable } from '../nft-list.ts'
import { TABLE } from '../nft-table.ts'
import { noteOf, notePaths, readNote } from '../notes.ts'
import { byContainer, forgetSteps, hasLocalnet, type Lead, leads, localnetStep, wantLocalnet } from '../ports.ts'
import { acceptSteps, removeAcceptSteps } from './passage.ts'
import {
  bridgeLines,
  emptyPorts,
  forwardChain,
  OUTPUT,
  portLines,
  skeleton,
  withoutBridge,
  withoutPorts,
  withoutSkeleton,
} from './script.ts'

/**
 * By nft(8), in one table of our own: each change is one transaction, and no other table is looked at or touched but iptables' FORWARD
 * where that drops what is forwarded, see passage.ts.
 */
export const nftablesFirewall = ({ runRoot }: FirewallContext): Firewall => {
  const paths = notePaths(runRoot)
  const step = (lines: readonly string[], why: string): HostStep & { readonly op: 'exec' } => ({
    where: 'host',
    op: 'exec',
    argv: ['nft', '-f', '-'],
    stdin: `${lines.join('\n')}\n`,
    lock: paths.lock,
    counts: 1,
    why,
    see: 'nft(8)',
    shared: true,
    failure: { '*': REFUSED },
  })

  const ensure = (wanted: FirewalledBridge, ports: readonly PublishedPort[] = []): readonly HostStep[] => {
    const note = noteOf('nftables', wanted, paths.lock)
    const path = paths.note(wanted.bridge)
    if (note !== undefined && note === readNote(path) && isLoopbackRight(runRoot, wanted, ports, OUTPUT)) return []
    return [
      step([...skeleton(loopbackAnswers(runRoot, [wanted.bridge])), ...bridgeLines(wanted)], RULES),
      ...acceptSteps([wanted], paths.lock),
      // As the count of changes was before: when somebody changes rules meanwhile it is another one, and the next start looks again.
      ...(note === undefined ? [] : noteSteps(path, note)),
    ]
  }

  const publish = (bridge: FirewalledBridge, ports: readonly Published[]): PublishPlan => {
    const all = bridge.internal ? [] : leads(ports)
    if (all.length === 0) return { enter: [], leave: [] }
    return {
      enter: [
        ...(wantLocalnet(all) && !hasLocalnet(bridge) ? [localnetStep(bridge.bridge)] : []),
        ...loopbackSteps(runRoot, bridge, ports),
        { ...step(portLines(all), PORTS), shared: false },
        ...forgetSteps(all),
      ],
      leave: [leaving(all)],
    }
  }

  const leaving = (all: readonly Lead[]): HostStep => ({
    ...step(withoutPorts(all), 'The ports lead nowhere any more.'),
    allowFailure: true,
  })

  const reload = (bridges: readonly PublishingBridge[]): readonly HostStep[] => {
    if (bridges.length === 0) return []
    const published = bridges.map(({ bridge, ports }) => ({ bridge, all: bridge.internal ? [] : leads(ports) }))
    const all = published.flatMap((each) => each.all)
    const names = bridges.map(({ bridge }) => bridge.bridge)
    const script = [
      ...skeleton(loopbackAnswers(runRoot, names)),
      ...bridges.flatMap(({ bridge }) => bridgeLines(bridge)),
      ...emptyPorts(),
    ]
    const local = published.filter((each) => wantLocalnet(each.all) && !hasLocalnet(each.bridge))
    return [
      step([...script, ...portLines(all)], RULES),
      ...acceptSteps(
        bridges.map(({ bridge }) => bridge),
        paths.lock,
      ),
      ...local.map(({ bridge }) => localnetStep(bridge.bridge)),
      ...bridges.flatMap(({ bridge, ports }) => loopbackSteps(runRoot, bridge, ports)),
      ...forgetSteps(all),
    ]
  }

  const remove = (bridges: readonly string[]): readonly HostStep[] => {
    const accepts = removeAcceptSteps(bridges, paths.lock)
    const own = ownTable()
    if (own === undefined) return accepts
    const going = new Set(bridges.map(forwardChain))
    const others = own.chains.some((name) => name.startsWith(forwardChain('')) && !going.has(name))
    const lines = [...skeleton(loopbackAnswers(runRoot, [])), ...bridges.flatMap(withoutBridge)]
    const why = `Nothing in ${TABLE} is for ${bridges.join(', ')} any more.`
    // What the user has put into RT-USER stays, in a table that does nothing by itself.
    const all = own.userRules ? [...lines, ...withoutSkeleton()] : [`delete table inet ${TABLE}`]
    // Not counted: after it no note of a bridge is to be believed, whoever comes between it and the note's own end.
    return [{ ...step(others ? lines : all, why), counts: 0 }, ...accepts]
  }

  return {
    ensure,
    publish,
    reload,
    unpublish: (_, ports) => byContainer(leads(ports)).map(leaving),
    remove,
    probe,
  }
}

const RULES =
  "What rt's bridges let pass, and under which address, in a table of rt's own; the script replaces it in one go."
const PORTS = 'Leads what comes to the published ports to the container.'

const REFUSED = {
  code: 'RT_NET_NO_FIREWALL',
  message: "nft did not take rt's rules.",
  remedy: 'Install the package nftables (1.0 or newer), or set network.bridge.firewall to iptables; see `rt doctor`.',
}

const noteSteps = (path: string, content: string): readonly HostStep[] => {
  const text = { where: 'host', mode: 0o600, why: NOTE, shared: true } as const
  const directory = dirname(path)
  return [
    // It is there where the bridge has leases.
    ...(existsSync(directory) ? [] : [{ ...text, op: 'dir.make', path: directory, mode: 0o700 } as const]),
    { ...text, op: 'file.write', path, content },
  ]
}

const NOTE = 'Remembers at which state of the rules they were complete, so that the next start need not look.'

const probe = (): Probe => {
  capture('nft', 'list', 'tables')
  const advice = foreignAdvice()
  return { ok: true, detail: capture('nft', '--version').trim(), ...(advice !== undefined && { advice }) }
}
