import { createInterface } from 'node:readline'
import type { HostStep } from '@rt/driver-api'
import { performByShim, performSteps } from '@rt/native'
import { createFirewall } from '../../src/firewall/create-firewall.ts'
import type { FirewallBackend, PublishPlan } from '../../src/firewall/firewall.ts'

/** `agent.ts BACKEND RUNROOT`: the firewall of a host, called by lines of JSON; performs what it answers and says how many steps that were. */
const [, , backend, runRoot = ''] = process.argv
const firewall = createFirewall(backend as FirewallBackend, { runRoot })
const left = new Map<string, readonly HostStep[]>()

const perform = (steps: readonly HostStep[]): number => {
  performSteps(steps)
  return steps.length
}

/** How many programs were started so far. */
let programs = 0
const children = process.getBuiltinModule('node:child_process')
const { spawnSync } = children
children.spawnSync = ((...args: Parameters<typeof spawnSync>) => {
  programs += 1
  return spawnSync(...args)
}) as typeof spawnSync

const calls: Readonly<Record<string, (...args: never[]) => unknown>> = {
  ensure: (...args: Parameters<typeof firewall.ensure>) => perform(firewall.ensure(...args)),
  publish: (...args: Parameters<typeof firewall.publish>) => {
    const plan: PublishPlan = firewall.publish(...args)
    for (const { container } of args[1]) left.set(container, plan.leave)
    return perform(plan.enter)
  },
  // As at the end of a container, when Node is gone.
  leave: (container: string) => performByShim(left.get(container) ?? []),
  reload: (...args: Parameters<typeof firewall.reload>) => perform(firewall.reload(...args)),
  unpublish: (...args: Parameters<typeof firewall.unpublish>) => perform(firewall.unpublish(...args)),
  remove: (...args: Parameters<typeof firewall.remove>) => perform(firewall.remove(...args)),
  programs: () => programs,
  probe: () => firewall.probe(),
}

console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const [method, ...args] = JSON.parse(line) as [string, ...never[]]
  try {
    console.log(`result ${JSON.stringify(calls[method]?.(...args) ?? null)}`)
  } catch (error) {
    const { code, said, message } = error as Error & { code?: string; said?: string }
    console.log(`result ${JSON.stringify({ error: `${code} ${message} ${said}` })}`)
  }
}
process.exit()
