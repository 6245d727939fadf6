import type { HostStep } from '@rt/driver-api'
import { observeLink, performLeave, performSteps, StepError, uplink } from '../../src/index.ts'

// First of all, while the namespace has no routing table at all.
const noRoutes = uplink() ?? null

const why = 'test'
const attempt = (steps: HostStep[]): Record<string, unknown> => {
  try {
    performSteps(steps)
    return { error: null }
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    const { code, message, errno, said, remedy, step } = error
    return { code, message, errno, said, remedy, op: step.op }
  }
}
const bridge = (name: string, more: Partial<HostStep> = {}): HostStep =>
  ({ op: 'link.add', where: 'host', kind: 'bridge', name, why, ...more }) as HostStep

const taken = attempt([bridge('b1'), bridge('b2', { shared: true }), bridge('b1')])
const own = { EEXIST: { code: 'RT_NET_BRIDGE_FOREIGN', message: 'b2 is not ours.', remedy: 'Choose another.' } }
const result = {
  noRoutes,
  taken,
  undone: observeLink('b1') ?? null,
  sharedStays: observeLink('b2')?.name,
  driverWords: attempt([bridge('b2', { failure: own })]),
  gateway: attempt([
    { op: 'link.set', where: 'host', name: 'b2', up: true, why },
    { op: 'route.add', where: 'host', to: '10.0.0.0/8', via: '9.9.9.9', link: 'b2', why },
  ]),
  noLink: attempt([{ op: 'addr.add', where: 'host', link: 'gone0', address: '10.0.0.1/8', why }]),
  // The second must not touch a link of that name which the first did not make.
  dependent: attempt([bridge('b2'), { op: 'link.set', where: 'host', name: 'b2', mtu: 1234, why }]),
  mtu: observeLink('b2')?.mtu,
  leave: performLeave([
    { op: 'link.del', where: 'host', name: 'gone0', why },
    { op: 'exec', where: 'host', argv: ['false'], why },
    { op: 'exec', where: 'host', argv: ['false'], allowFailure: true, why },
    { op: 'link.del', where: 'host', name: 'b2', why },
  ]).map((error) => error.message),
  gone: observeLink('b2') ?? null,
}
console.log(JSON.stringify(result))
