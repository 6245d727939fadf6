import type { HostStep } from '@rt/driver-api'
import { type Lead, shortName } from '../ports.ts'
import type { SavedRules } from './saved.ts'
import { commandStep, type StepContext } from './steps.ts'
import { type Family, PORTS } from './units.ts'

/** As iptables-save prints it. The comment makes it the container's own: another one may get the same address and port. */
export const portRule = ({ container, family, port, at, to }: Lead): string => {
  const { protocol, hostPort, containerPort } = port
  const destination = at === undefined ? '' : `-d ${at}/${family === 4 ? 32 : 128} `
  const target = family === 4 ? `${to}:${containerPort}` : `[${to}]:${containerPort}`
  const comment = `-m comment --comment ${shortName(container)}`
  return `${destination}-p ${protocol} -m ${protocol} --dport ${hostPort} ${comment} -j DNAT --to-destination ${target}`
}

const FAMILIES: readonly Family[] = [4, 6]

const perFamily = (all: readonly Lead[], make: (family: Family, rules: readonly string[]) => HostStep): HostStep[] =>
  FAMILIES.flatMap((family) => {
    const rules = all.filter((lead) => lead.family === family).map(portRule)
    return rules.length === 0 ? [] : [make(family, rules)]
  })

/** One process for each family, however many ports. Not `shared`: they are the container's. */
export const addPorts = (all: readonly Lead[], context: Omit<StepContext, 'family'>): HostStep[] =>
  perFamily(all, (family, rules) => ({
    // At the top: should a rule be left of somebody who had the port before, it must not be met first.
    ...commandStep({ nat: rules.map((rule) => `-I ${PORTS} 1 ${rule}`) }, { ...context, family }, ADD),
    shared: false,
  }))

export const removePorts = (all: readonly Lead[], context: Omit<StepContext, 'family'>): HostStep[] =>
  perFamily(all, (family, rules) => {
    const step = commandStep({ nat: rules.map((rule) => `-D ${PORTS} ${rule}`) }, { ...context, family }, REMOVE)
    // Gone already where a start failed before they were there, or somebody flushed the table.
    return { ...step, allowFailure: true, shell: step.shell?.map((line) => `${line} 2>/dev/null || true`) ?? [] }
  })

/** Those of a family that are missing. Only for `reload`: nobody publishes at the same time. */
export const missingPorts = (all: readonly Lead[], family: Family, saved: SavedRules): readonly Lead[] => {
  const there = new Set(saved.rules('nat', PORTS))
  return all.filter((lead) => lead.family === family && !there.has(portRule(lead)))
}

const ADD = 'Leads what comes to the published ports to the container.'
const REMOVE = 'The ports lead nowhere any more.'
