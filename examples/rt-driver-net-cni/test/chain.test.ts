import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { State } from '../src/chain.ts'

/** A plugin that writes down what it was asked, and answers with what the one before it answered and its own name. */
const PLUGIN = `#!/bin/sh
input=$(cat)
printf '%s %s %s %s\\n' "$CNI_COMMAND" "\${0##*/}" "$CNI_IFNAME" "$CNI_NETNS" >> "\${0%/*}/log"
printf '%s\\n' "$input" >> "\${0%/*}/\${0##*/}.$CNI_COMMAND"
[ ! -e "\${0%/*}/fail-\${0##*/}-$CNI_COMMAND" ] || { echo '{"code": 11, "msg": "no luck", "details": "today"}'; exit 1; }
[ "$CNI_COMMAND" != ADD ] || echo "{\\"cniVersion\\": \\"1.0.0\\", \\"ips\\": [{\\"address\\": \\"10.0.0.\${0##*-}/24\\"}]}"
`

describe('a chain of plugins', () => {
  let base = ''
  let state = ''
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'rt-cni-'))
    for (const name of ['p-1', 'p-2']) writeFileSync(join(base, name), PLUGIN, { mode: 0o755 })
    state = join(base, 'state.json')
    const content: State = {
      container: 'ab'.repeat(32),
      interface: 'eth0',
      path: base,
      list: {
        cniVersion: '1.0.0',
        name: 'x',
        plugins: [{ type: 'p-1' }, { type: 'p-2', capabilities: { portMappings: true } }],
      },
      programs: [join(base, 'p-1'), join(base, 'p-2')],
      runtime: { portMappings: [{ hostPort: 1 }] },
    }
    writeFileSync(state, JSON.stringify(content))
  })
  afterEach(() => rmSync(base, { recursive: true, force: true }))

  const chain = (...words: string[]) =>
    spawnSync(process.execPath, ['--no-warnings', join(import.meta.dirname, '../src/chain.ts'), ...words], {
      encoding: 'utf8',
    })
  const log = (): string[] =>
    existsSync(join(base, 'log')) ? readFileSync(join(base, 'log'), 'utf8').trim().split('\n') : []
  const asked = (name: string) => JSON.parse(readFileSync(join(base, name), 'utf8'))

  it('is asked in order, each with the answer of the one before it, and taken back in reverse with the last', () => {
    const { status, stderr } = chain('add', state, '/proc/self/fd/3')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(log()).toEqual([
      expect.stringMatching(/^ADD p-1 eth0 \/proc\/\d+\/fd\/3$/),
      expect.stringMatching(/^ADD p-2 eth0/),
    ])
    expect(asked('p-1.ADD')).toEqual({ type: 'p-1', name: 'x', cniVersion: '1.0.0' })
    expect(asked('p-2.ADD')).toMatchObject({
      runtimeConfig: { portMappings: [{ hostPort: 1 }] },
      prevResult: { ips: [{ address: '10.0.0.1/24' }] },
    })
    expect(JSON.parse(readFileSync(state, 'utf8')).result).toMatchObject({ ips: [{ address: '10.0.0.2/24' }] })

    expect(chain('check', state, '/proc/self/fd/3').status).toBe(0)
    expect(chain('del', state).status).toBe(0)
    expect(
      log()
        .slice(2)
        .map((line) => line.split(' ').slice(0, 2).join(' ')),
    ).toEqual(['CHECK p-1', 'CHECK p-2', 'DEL p-2', 'DEL p-1'])
    expect(asked('p-1.DEL')).toMatchObject({ prevResult: { ips: [{ address: '10.0.0.2/24' }] } })
    expect(existsSync(state)).toBe(false)
  })

  it('that is taken back already bears to be taken back again', () => {
    rmSync(state)
    expect(chain('del', state)).toMatchObject({ status: 0, stderr: '' })
    expect(log()).toEqual([])
  })

  it('is taken back where one of it fails, in whose words that is told', () => {
    writeFileSync(join(base, 'fail-p-2-ADD'), '')
    expect(chain('add', state, '/proc/self/fd/3')).toMatchObject({ status: 1, stderr: 'p-2: no luck: today\n' })
    expect(log().map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'ADD p-1',
      'ADD p-2',
      'DEL p-2',
      'DEL p-1',
    ])
  })

  it('is asked as a whole where one cannot take back, and the state stays for the next try', () => {
    writeFileSync(join(base, 'fail-p-2-DEL'), '')
    expect(chain('del', state)).toMatchObject({ status: 1, stderr: 'p-2: no luck: today\n' })
    expect(log()).toHaveLength(2)
    rmSync(join(base, 'fail-p-2-DEL'))
    expect(chain('del', state).status).toBe(0)
    expect(existsSync(state)).toBe(false)
  })

  it('is not checked where the list is too old for it, or says so', () => {
    const content = JSON.parse(readFileSync(state, 'utf8'))
    writeFileSync(state, JSON.stringify({ ...content, list: { ...content.list, disableCheck: true } }))
    expect(chain('check', state, '/proc/self/fd/3').status).toBe(0)
    writeFileSync(state, JSON.stringify({ ...content, list: { ...content.list, cniVersion: '0.3.1' } }))
    expect(chain('check', state, '/proc/self/fd/3').status).toBe(0)
    expect(log()).toEqual([])
  })
})
