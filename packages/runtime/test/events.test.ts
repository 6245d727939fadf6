import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Layout } from '../src/layout.ts'
import { type Event, followEvents } from '../src/look/events/index.ts'
import { appendEvent } from '../src/store/journal.ts'
import { makeStore } from '../src/store/prepare.ts'

let root: string
let layout: Layout

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rt-events-'))
  layout = new Layout(`${root}/lib`, `${root}/run`)
  makeStore(layout)
})
afterEach(() => rmSync(root, { recursive: true }))

const subject = (name: string, labels = {}) => ({
  id: name.padEnd(64, '0'),
  name,
  image: { id: 'sha256:0', name: 'busybox' },
  request: { labels },
})

const past = async (): Promise<Event[]> => {
  const events: Event[] = []
  const until = BigInt(Date.now() + 5) * 1_000_000n
  await followEvents(layout, { since: 0n, until, filters: new Map() }, (event) => events.push(event))
  return events
}

describe('the journal of events', () => {
  it('keeps what belongs to an event, whatever a label says', async () => {
    const labels = { timeNano: '1', text: '"timeNano":1,\n"}' }
    appendEvent(layout, 'die', subject('a', labels), { exitCode: 3 })
    appendEvent(layout, 'rename', subject('b'), { oldName: 'a' })
    const [die, rename] = await past()
    expect(die).toMatchObject({ action: 'die', name: 'a', labels, exitCode: 3 })
    expect(Math.abs(Number((die?.time ?? 0n) / 1_000_000n) - Date.now())).toBeLessThan(10_000)
    expect(rename).toMatchObject({ action: 'rename', more: { oldName: 'a' } })
  })

  it('is bounded, and one who follows misses nothing of several writers while it is rotated', async () => {
    const seen: string[] = []
    const each = 8000
    const writers = [0, 1].map((number) => {
      const script = `
        import { Layout } from '${join(import.meta.dirname, '../src/layout.ts')}'
        import { appendEvent } from '${join(import.meta.dirname, '../src/store/journal.ts')}'
        const layout = new Layout('${root}/lib', '${root}/run')
        const subject = { id: '0'.repeat(64), image: { id: '', name: 'busybox' }, request: { labels: { x: 'x'.repeat(400) } } }
        for (let n = 0; n < ${each}; n++) appendEvent(layout, 'create', { ...subject, name: '${number}-' + n })`
      const child = spawn(
        process.execPath,
        ['--conditions=@rt/source', '--experimental-strip-types', '--input-type=module', '-e', script],
        { stdio: 'inherit' },
      )
      return once(child, 'exit')
    })
    const last = new Set<string>()
    const following = followEvents(
      layout,
      { since: 0n, until: BigInt(Date.now() + 60_000) * 1_000_000n, filters: new Map() },
      (event) => {
        seen.push(event.name)
        if (event.name.endsWith(`-${each - 1}`)) last.add(event.name)
        if (last.size === 2) throw new Error('all came')
      },
    )
    await expect(following).rejects.toThrow('all came')
    for (const exit of await Promise.all(writers)) expect(exit).toEqual([0, null])
    for (const number of [0, 1]) {
      const own = seen.filter((name) => name.startsWith(`${number}-`))
      expect(own.findIndex((name, index) => name !== `${number}-${index}`)).toBe(-1)
      expect(own).toHaveLength(each)
    }
    expect(statSync(`${layout.events}.1`).size).toBeLessThan(5 << 20)
    expect(statSync(layout.events).size).toBeLessThan(5 << 20)
  }, 60_000)
})
