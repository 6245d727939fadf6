import type { HostStep, NetworkWish } from '@rt/driver-api'
import { findProgram } from '@rt/native'
import { program } from '@rt/native/throwaway'
import { atOnce } from '../bench/at-once.ts'
import { ensureSteps } from '../bench/common.ts'
import { expectSame, hostState } from '../bench/scratch.ts'
import { ensure } from '../check.ts'
import type { NetworkCheck } from './check.ts'
import { observed } from './look.ts'

const MANY = 4

/** What concerns more than one container. */
export const sharedChecks: readonly NetworkCheck[] = [
  {
    name: `connects ${MANY} containers at once, each to addresses of its own`,
    run: async (bench) => {
      const before = await hostState()
      const found = await atOnce(bench.trial, MANY)
      const addresses = found.flatMap((each) => (each as { addresses: string[] }).addresses)
      const twice = addresses.find((address, index) => addresses.indexOf(address) !== index)
      ensure(twice === undefined, `two containers got the address ${twice}`)
      await expectSame(before, 'after all of them have ended')
    },
  },
  {
    name: 'frees what a start had taken that was killed before it wrote anything down',
    method: 'gc',
    run: async (bench) => {
      const before = await hostState()
      const container = bench.identity()
      const alive = await bench.start({ container })
      const during = await hostState()
      await bench.plan()
      const live = new Set([container.id])
      const steps = await bench.driver().gc?.(live)
      ensureSteps(steps, 'the answer to gc', ['host'])
      bench.leave(steps as HostStep[], 'after a crash, gc')
      await expectSame(during, 'after gc')
      bench.end(alive)
      await expectSame(before, 'after the other container has ended')
    },
  },
  {
    name: 'puts back what somebody has flushed',
    method: 'reload',
    run: async (bench) => {
      const one = await bench.start()
      const whole = await hostState()
      for (const words of FLUSH) if (findProgram(words[0])) await program(words)
      const steps = await bench.driver().reload?.([])
      ensureSteps(steps, 'the answer to reload', ['host'])
      bench.perform(steps as HostStep[])
      const lost = whole.filter((line) => /^rule -A/.test(line))
      const now = await hostState()
      const missing = lost.find((line) => !now.includes(line))
      bench.end(one)
      ensure(missing === undefined, `after reload there is no ${missing}`)
    },
  },
  {
    name: 'defines a network of the user’s, connects to it, and takes it away',
    method: 'define',
    applies: ({ driver }) => driver.remove !== undefined,
    run: async (bench) => {
      const before = await hostState()
      const wish: NetworkWish = {
        name: 'checked',
        id: 'c4ec'.padEnd(64, '0'),
        subnets: [],
        internal: false,
        ipv6: false,
        options: {},
      }
      const network = await bench.driver().define?.(wish, [])
      if (network === undefined) throw new Error('define answers nothing')
      await expectSame(before, 'after define')
      const one = await bench.start({ network })
      const found = one.netns && observed(one.netns)
      ensure((found?.links.length ?? 0) > 1, 'a container of the network has only lo')
      bench.end(one)
      for (const _ of [1, 2]) bench.leave((await bench.driver().remove?.(network)) ?? [], 'remove')
      await expectSame(before, 'after the network was removed', /^file \/run\/check\/run\/.*\/$/)
    },
  },
  {
    name: 'puts the host back as it was found',
    method: 'reset',
    run: async (bench) => {
      for (const _ of [1, 2]) bench.leave((await bench.driver().reset?.([])) ?? [], 'reset')
      await expectSame(bench.pristine, 'after reset', /^(file|sysctl) /)
    },
  },
]

const FLUSH: readonly (readonly [string, ...string[]])[] = [
  ['iptables', '-F'],
  ['iptables', '-t', 'nat', '-F'],
]
