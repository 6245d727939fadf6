import { describe, expect, it } from 'vitest'
import NoneNetworkDriver from './index.ts'

const context = (options: Record<string, unknown> = {}) => ({ root: '/root', runRoot: '/run', options })

describe('none', () => {
  it('answers one step: loopback up in a namespace of its own', async () => {
    const plan = await new NoneNetworkDriver(context()).setup()
    expect(plan.namespace).toBe('new')
    expect(plan.enter).toMatchObject([{ where: 'netns', op: 'link.set', name: 'lo', up: true }])
    expect(plan.leave).toEqual([])
    expect(plan.attachment.interfaces.map((each) => each.name)).toEqual(['lo'])
  })

  it('refuses options', () => {
    expect(() => new NoneNetworkDriver(context({ mtu: 1400 }))).toThrow('network.none has no option "mtu".')
  })
})
