import { canPaste, paste } from '../bench/pasted.ts'
import { expectSame, hostState } from '../bench/scratch.ts'
import { ensure } from '../check.ts'
import type { NetworkCheck } from './check.ts'
import { ensureInterface, observed } from './look.ts'

export const explainChecks: readonly NetworkCheck[] = [
  {
    name: 'is explained by a script that does the same when it is pasted',
    applies: canPaste,
    run: async (bench) => {
      await bench.warmUp()
      const before = await hostState()
      const plan = await bench.plan()
      const input = {
        host: plan.enter,
        namespace: plan.namespace,
        newNamespaces: ['mount'],
        sandbox: [],
        cgroups: [],
        leave: plan.leave,
      }
      await paste(input, (netns) => {
        if (plan.namespace !== 'new') return
        ensure(netns !== undefined, 'the script made no network namespace')
        const found = netns && observed(netns)
        // What the steps have yet to show is not in the plan: that the interface is there has to do.
        const isLate = bench.driver().attached !== undefined
        for (const each of plan.attachment.interfaces) {
          if (!found) continue
          if (isLate)
            ensure(
              found.links.some(({ name, up }) => name === each.name && up),
              `there is no ${each.name} inside`,
            )
          else ensureInterface(each, found)
        }
        netns?.close()
      })
      await expectSame(before, 'after the pasted script', /^process sleep infinity/)
    },
  },
]
