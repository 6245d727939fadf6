import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostStep, NetnsStep, SandboxStep } from '@rt/driver-api'
import { toScript } from '@rt/native/explain'
import { describe, expect, it } from 'vitest'
import { sayIn, translator } from '../src/explain/reasons.ts'
import { zh } from '../src/explain/zh/index.ts'
import { collectReasons } from './reasons/collect.ts'

const HAN = /\p{Script=Han}/u
const holes = (text: string): string[] => (text.match(/\{\d+\}/g) ?? []).sort()

describe('the reasons of the built-in drivers', () => {
  const found = collectReasons()

  it('are found in the sources of every package that makes steps', () => {
    const packages = new Set(found.map(({ file }) => file.split('/')[1]))
    for (const name of ['runtime', 'native', 'driver-isolation-namespaces', 'driver-net-bridge', 'driver-net-none'])
      expect(packages).toContain(name)
    for (const name of ['driver-storage-copy', 'driver-storage-overlay']) expect(packages).toContain(name)
    expect(found.length).toBeGreaterThan(150)
    // One of each way in which a source says it: a table, a constant, an argument, a condition, several joined.
    const texts = found.map(({ text }) => text)
    for (const text of [
      '/dev/zero reads as endless zeros.',
      'Nobody is in the network who could be found by name.',
      'The processes go on where they were stopped.',
      'An internal network: nothing leaves the bridge, nothing comes in.',
    ])
      expect(texts).toContain(text)
  })

  it('all have a Chinese translation: packages/cli/src/explain/zh', () => {
    const missing = found.filter(({ text }) => zh[text] === undefined)
    expect(missing.map(({ file, text }) => `${file}: ${text}`)).toEqual([])
  })

  it('are translated with all that a step puts in, and nothing else', () => {
    for (const [from, to] of Object.entries(zh)) {
      expect(to, from).toMatch(HAN)
      expect(holes(to), from).toEqual(holes(from))
    }
  })

  it('are one sentence, or a few, each with its end', () => {
    for (const { text, file } of found) expect(text, file).toMatch(/^[\S\s]*[.)]$|\{1\}$/)
  })
})

describe('a translated script', () => {
  it('says nothing in English of what it says itself', () => {
    const said: string[] = []
    const say = sayIn('zh')
    const why = 'The name is free again.'
    const steps: SandboxStep[] = [
      { where: 'sandbox', op: 'namespace.unshare', namespaces: ['cgroup'], why },
      { where: 'sandbox', op: 'root.enter', mode: 'chroot', why },
      { where: 'sandbox', op: 'hostname', name: 'x', why },
      { where: 'sandbox', op: 'terminal', why },
      { where: 'sandbox', op: 'process.init', why },
      { where: 'sandbox', op: 'process.seccomp', filter: '', summary: 'none', why },
    ]
    const host: (HostStep | NetnsStep)[] = [
      { where: 'host', op: 'helper.start', argv: ['sleep', '1'], why },
      { where: 'host', op: 'cgroup.devices', path: '/c', allow: ['c 1:3 rwm'], why },
      { where: 'host', op: 'file.write', path: '/f', content: '# The name is free again.\n', mode: 0o644, why },
    ]
    for (const mode of ['pivot', 'chroot'] as const) {
      const sandbox = steps.map((step) => (step.op === 'root.enter' ? { ...step, mode } : step))
      const script = toScript(
        { title: 'title', host, namespace: 'new', newNamespaces: ['pid'], sandbox, cgroups: [], leave: [] },
        (sentence) => {
          said.push(sentence)
          return say(sentence)
        },
      )
      // What a file holds is not translated, whatever it says.
      expect(script).toContain('\n# The name is free again.\nEOF')
    }
    expect(said.length).toBeGreaterThan(20)
    const kept = said.filter((sentence) => !HAN.test(say(sentence)))
    expect(kept.filter((sentence) => sentence !== 'title' && !/^ *(c 1:3|tool|mount)/.test(sentence))).toEqual([])
  })
})

describe('a translator', () => {
  const say = translator({ 'Plain.': '普通。', 'From {1} to {2}.': '到 {2}，从 {1}。', 'Takes back: {1}': '撤销：{1}' })

  it.each([
    ['Plain.', '普通。'],
    ['From a to b c.', '到 b c，从 a。'],
    ['Takes back: Plain.', '撤销：普通。'],
    ['Takes back: something else', '撤销：something else'],
    ['Plain. From a to b.', '普通。到 b，从 a。'],
    ['Plain. But not this.', 'Plain. But not this.'],
    ['Nobody has translated it.', 'Nobody has translated it.'],
  ])('%s', (from, to) => expect(say(from)).toBe(to))
})

it('no start loads translations: they are in a file of their own beside the bundle', () => {
  const dist = join(import.meta.dirname, '../dist')
  for (const file of ['rt.cjs', 'hot.cjs', 'cli-explain-index.cjs'])
    expect(readFileSync(join(dist, file), 'utf8')).not.toMatch(HAN)
  expect(readFileSync(join(dist, 'cli-explain-reasons.cjs'), 'utf8')).toMatch(/\p{Script=Han}|\\u[4-9][0-9a-f]{3}/iu)
})
