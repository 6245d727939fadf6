import type { HostStep } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { undo } from '../src/index.ts'
import { batches, type LinkStep } from '../src/steps/link.ts'

const why = 'test'
const bridge: LinkStep = { op: 'link.add', where: 'host', kind: 'bridge', name: 'br0', why }
const veth: LinkStep = { op: 'link.add', where: 'host', kind: 'veth', name: 'v1', peer: { name: 'eth0' }, why }
const up = (name: string, master?: string): LinkStep =>
  ({ op: 'link.set', where: 'host', name, up: true, why, ...(master === undefined ? {} : { master }) }) as LinkStep
const address = (link: string): LinkStep => ({ op: 'addr.add', where: 'host', link, address: '10.0.0.1/8', why })

describe('batches of link steps', () => {
  it('hold what does not depend on each other', () => {
    expect(batches([up('lo'), up('eth0'), address('eth0')])).toHaveLength(1)
    expect(batches([bridge, veth])).toHaveLength(1)
    expect(batches([])).toEqual([])
  })

  it('end before a step that uses a link of the batch', () => {
    expect(batches([bridge, up('br0'), address('br0'), veth, up('v1', 'br0')])).toEqual([
      [bridge],
      [up('br0'), address('br0'), veth],
      [up('v1', 'br0')],
    ])
    expect(batches([veth, up('eth0')])).toHaveLength(2)
    expect(batches([bridge, up('v1', 'br0')])).toHaveLength(2)
    expect(batches([{ op: 'link.del', where: 'host', name: 'br0', why }, bridge])).toHaveLength(2)
  })
})

describe('undo', () => {
  it('answers the inverse of what makes something, and nothing for the rest', () => {
    const inverse = (step: HostStep) => {
      const { op, ...rest } = undo(step) ?? { op: 'none' }
      return [op, 'path' in rest ? rest.path : 'name' in rest ? rest.name : undefined]
    }
    expect(inverse(bridge as HostStep)).toEqual(['link.del', 'br0'])
    expect(inverse({ op: 'dir.make', where: 'host', path: '/a', mode: 0o700, why })).toEqual(['dir.remove', '/a'])
    const lease = { op: 'file.write', where: 'host', path: '/l', content: 'id', mode: 0o600, why } as const
    expect(inverse({ ...lease, exclusive: true })).toEqual(['file.remove', '/l'])
    expect(inverse(lease)).toEqual(['none', undefined])
    expect(inverse({ op: 'cgroup.make', where: 'host', path: '/c', why })).toEqual(['cgroup.remove', '/c'])
    expect(inverse({ op: 'exec', where: 'host', argv: ['true'], why })).toEqual(['none', undefined])
  })
})
