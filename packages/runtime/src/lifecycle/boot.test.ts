import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Layout } from '../layout.ts'
import type { RestartPolicy } from '../request.ts'
import { toBoot } from './boot.ts'

let directory = ''
let layout: Layout
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-boot-'))
  layout = new Layout(`${directory}/root`, `${directory}/run`)
})
afterEach(() => rmSync(directory, { recursive: true }))

interface Past {
  readonly restart?: RestartPolicy['name']
  /** Files of its directory. */
  readonly has: readonly ('plan.json' | 'exit' | 'stopped')[]
}

let count = 0
const make = (name: string, { restart, has }: Past): void => {
  const id = String(++count).padStart(64, '0')
  mkdirSync(layout.container(id), { recursive: true })
  const request = restart ? { restart: { name: restart } } : {}
  writeFileSync(
    layout.record(id),
    JSON.stringify({ id, name, created: new Date(1e12 - count * 1000).toISOString(), request }),
  )
  for (const file of has) writeFileSync(join(layout.container(id), file), file === 'exit' ? '143 0 1000000\n' : '')
}

it.each<[string, boolean, Past]>([
  ['always, cut off', true, { restart: 'always', has: ['plan.json'] }],
  ['always, ended', true, { restart: 'always', has: ['plan.json', 'exit'] }],
  ['always, stopped', true, { restart: 'always', has: ['plan.json', 'exit', 'stopped'] }],
  ['always, never started', false, { restart: 'always', has: [] }],
  ['unless-stopped, cut off', true, { restart: 'unless-stopped', has: ['plan.json'] }],
  ['unless-stopped, ended', true, { restart: 'unless-stopped', has: ['plan.json', 'exit'] }],
  ['unless-stopped, stopped', false, { restart: 'unless-stopped', has: ['plan.json', 'exit', 'stopped'] }],
  ['on-failure, cut off', true, { restart: 'on-failure', has: ['plan.json'] }],
  ['on-failure, ended', false, { restart: 'on-failure', has: ['plan.json', 'exit'] }],
  ['on-failure, stopped while the machine went down', false, { restart: 'on-failure', has: ['plan.json', 'stopped'] }],
  ['no, cut off', false, { restart: 'no', has: ['plan.json'] }],
  ['without a policy, cut off', false, { has: ['plan.json'] }],
])('%s: %s', (name, starts, past) => {
  make(name, past)
  expect(toBoot(layout).map(({ record }) => record.name)).toEqual(starts ? [name] : [])
})

it('in the order of creation', () => {
  for (const name of ['third', 'second', 'first']) make(name, { restart: 'always', has: ['plan.json'] })
  expect(toBoot(layout).map(({ record }) => record.name)).toEqual(['first', 'second', 'third'])
})
