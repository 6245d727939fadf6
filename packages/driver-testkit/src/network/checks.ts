import { NETWORK_CAPABILITIES, type NetworkCapabilities, type NetworkDriver } from '@rt/driver-api'
import { IMPOSSIBLE } from '../bench/bench.ts'
import { commonChecks } from '../bench/common.ts'
import { expectSame, hostState } from '../bench/scratch.ts'
import { ensure } from '../check.ts'
import type { NetworkBench } from './bench.ts'
import type { NetworkCheck } from './check.ts'
import { explainChecks } from './explain.ts'
import { observed } from './look.ts'
import { publishChecks } from './publish.ts'
import { reachChecks } from './reach.ts'
import { sharedChecks } from './shared.ts'

/** Leases may be taken while a plan is made, and by nobody else. */
const LEASES = /^file \/run\/check\/run\//

const undoChecks: NetworkCheck[] = [
  {
    name: 'answers plans, and changes nothing but leases while it makes them',
    run: async (bench) => {
      await bench.warmUp()
      const before = await hostState()
      const plan = await bench.plan()
      await expectSame(before, 'after setup', LEASES)
      bench.leave(plan.leave, 'before anything was done')
      await expectSame(before, 'after a plan that was given up')
    },
  },
  {
    name: 'leaves nothing behind when a container has ended',
    run: async (bench) => {
      const before = await hostState()
      bench.end(await bench.start())
      await expectSame(before, 'after the container has ended')
    },
  },
  {
    name: 'is undone where a step fails',
    run: async (bench) => {
      const before = await hostState()
      const plan = await bench.plan()
      let failed = false
      try {
        bench.connect({ ...plan, enter: [...plan.enter, IMPOSSIBLE] })
      } catch {
        failed = true
      }
      ensure(failed, 'a step that cannot be performed was performed')
      bench.leave(plan.leave, 'after a failed start')
      await expectSame(before, 'after a start whose last step failed')
    },
  },
  {
    name: 'leaves nothing behind after a crash between any two steps',
    run: async (bench) => {
      const { enter, leave } = await bench.plan()
      bench.leave(leave, 'before anything was done')
      const before = await hostState()
      for (let steps = 0; steps <= enter.length; steps++) {
        const plan = await bench.plan()
        bench.gone(bench.connect(plan, steps))
        bench.leave(plan.leave, `after a crash behind step ${steps} of ${plan.enter.length}`)
        await expectSame(before, `after a crash behind step ${steps} of ${plan.enter.length}`)
      }
    },
  },
  {
    name: 'can be cleaned up after twice, and when everything is gone already',
    run: async (bench) => {
      const before = await hostState()
      const connected = await bench.start()
      bench.end(connected)
      bench.leave(connected.plan.leave, 'a second time')
      await expectSame(before, 'after the second time')
      // Before it was ever performed: all that it names is missing.
      const plan = await bench.plan()
      bench.leave(plan.leave, 'with nothing there')
      bench.leave(plan.leave, 'with nothing there, a second time')
      await expectSame(before, 'after a way back from nothing')
    },
  },
  {
    name: 'does not undo for one container what another one uses',
    applies: ({ driver }) => driver.namespace !== 'host',
    run: async (bench) => {
      const [one, other] = [await bench.start(), await bench.start()]
      try {
        const before = other.netns && observed(other.netns)
        bench.end(one)
        const after = other.netns && observed(other.netns)
        ensure(
          JSON.stringify(after) === JSON.stringify(before),
          'the end of one container changed the network of another',
        )
      } finally {
        bench.end(other)
      }
    },
  },
]

export const networkChecks: readonly NetworkCheck[] = [
  ...commonChecks<NetworkDriver, NetworkBench>(),
  ...undoChecks,
  ...reachChecks,
  ...publishChecks,
  ...sharedChecks,
  ...explainChecks,
]

export const networkCapabilities = (given: Partial<NetworkCapabilities> = {}): NetworkCapabilities => ({
  ...NETWORK_CAPABILITIES,
  ...given,
})
