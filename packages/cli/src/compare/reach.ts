import { lookup } from 'node:dns/promises'
import { RtError } from '@rt/driver-api'
import { listenIn, type Netns, reach, type Target } from '@rt/native/look'
import type { NetworkFacts, Reach } from './comparison.ts'

/** Packets go to the next hop and back in far less. */
const PATIENCE_MS = 1000
/** A host may have hundreds. */
const MOST_ADDRESSES = 24

/** Who is "outside": `label` for people. */
export interface Outside {
  readonly label: string
  readonly target: Target
}

const OUTSIDE = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/

/**
 * `--outside HOST:PORT`, or the next hop of the host's default route.
 * @throws RtError RT_USAGE
 */
export const findOutside = async (asked: string | undefined, host: NetworkFacts): Promise<Outside | undefined> => {
  if (asked === undefined) {
    const via = host.routes.find(({ to, via }) => to === 'default' && via !== undefined)?.via
    return via === undefined
      ? undefined
      : { label: `${via}, the host's next hop`, target: { how: 'ping', address: via } }
  }
  const [, v6, name, digits] = OUTSIDE.exec(asked) ?? []
  const port = Number(digits)
  if (digits === undefined || port < 1 || port > 65535)
    throw new RtError('RT_USAGE', `--outside="${asked}" is not HOST:PORT`, {
      remedy: 'Give a name or an address and a TCP port, as in --outside=192.0.2.1:443 or --outside=[2001:db8::1]:443.',
    })
  try {
    const { address } = await lookup(v6 ?? name ?? '')
    return { label: asked, target: { how: 'tcp', address, port } }
  } catch (error) {
    throw new RtError('RT_USAGE', `--outside="${asked}": the name cannot be looked up`, {
      remedy: 'Give an address in place of the name.',
      cause: error,
    })
  }
}

/** Without anybody to try. */
const nobody = (why: string): Reach => ({ reached: false, tried: [], why })

const tried = (netns: Netns | undefined, targets: readonly Target[], nobodyThere: string): Reach => {
  if (targets.length === 0) return nobody(nobodyThere)
  const answers = reach(netns, targets, PATIENCE_MS)
  const each = targets.map(({ address }, index) => ({ address, answer: answers[index] ?? ('silent' as const) }))
  return { reached: each.some(({ answer }) => answer === 'yes'), tried: each }
}

export const reachOutside = (netns: Netns | undefined, outside: Outside | undefined): Reach =>
  tried(
    netns,
    outside ? [outside.target] : [],
    'this host has no way out itself; name somebody with --outside=HOST:PORT',
  )

/** The gateway of its default route answers an echo. */
export const reachGateway = (netns: Netns | undefined, { routes }: NetworkFacts): Reach => {
  const vias = routes.flatMap(({ to, via }) => (to === 'default' && via !== undefined ? [via] : []))
  return tried(
    netns,
    vias.map((address) => ({ how: 'ping', address })),
    'it has no default route',
  )
}

/** Somebody listens in `there`: at which of its addresses is it reached from `here`? */
export const reachPorts = (here: Netns | undefined, there: Netns | undefined, facts: NetworkFacts): Reach => {
  const listener = listenIn(there)
  try {
    const addresses = facts.interfaces.flatMap(({ addresses }) => addresses.map((each) => each.split('/')[0] ?? ''))
    const targets = addresses
      .filter((address) => !address.includes(':'))
      .slice(0, MOST_ADDRESSES)
      .map((address): Target => ({ how: 'tcp', address, port: listener.port }))
    return tried(here, targets, 'it has no address')
  } finally {
    listener.close()
  }
}
