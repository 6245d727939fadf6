import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
// @ts-expect-error: a script without types
import { declarations, FILES } from '../../../scripts/contract-types.mjs'

interface Declaration {
  readonly kind: string
  readonly name: string
  readonly text: string
  readonly members: readonly { readonly name: string; readonly text: string; readonly optional: boolean }[]
}

type Frozen = Record<string, { text: string } | { members: Record<string, string> }>

const FROZEN = join(import.meta.dirname, 'contract-v1.json')

const now = (): Declaration[] =>
  Object.values(FILES as Record<string, string[]>).flatMap((files) =>
    files.flatMap((file) => declarations(file) as Declaration[]),
  )

const freeze = (all: readonly Declaration[]): Frozen =>
  Object.fromEntries(
    all
      .filter(({ kind }) => kind === 'interface' || kind === 'type')
      .map(({ name, text, members }) => [
        name,
        members.length > 0 ? { members: Object.fromEntries(members.map((each) => [each.name, each.text])) } : { text },
      ]),
  )

// RT_WRITE_CONTRACT=1 freezes it as it is: for additions that break nobody.
if (process.env.RT_WRITE_CONTRACT) writeFileSync(FROZEN, `${JSON.stringify(freeze(now()), null, 2)}\n`)

describe('the contract, version 1', () => {
  const frozen = JSON.parse(readFileSync(FROZEN, 'utf8')) as Frozen
  const present = freeze(now())

  it.each(Object.keys(frozen))('still has %s as it was', (name) => {
    const [was, is] = [frozen[name], present[name]]
    expect(is, `${name} is gone: a driver that names it does not compile any more`).toBeDefined()
    if (was && 'members' in was) expect(is && 'members' in is ? is.members : {}).toMatchObject(was.members)
    // A union of steps may get new ones, but none of it may go or change.
    else if (was && is && 'text' in was)
      for (const part of was.text.split(' | '))
        expect('text' in is ? is.text : '', `${name} has lost a part`).toContain(part)
  })

  it('has no new member that an old driver would have to have', () => {
    const added = now().flatMap(({ name, members }) => {
      const was = frozen[name]
      return members
        .filter((each) => was && 'members' in was && !(each.name in was.members) && !each.optional)
        .map((each) => `${name}.${each.name}`)
    })
    expect(added, 'make it optional, or freeze version 2').toEqual([])
  })

  it('is kept by drivers that were written for it and are never changed', () => {
    const tsc = join(import.meta.dirname, '../../../node_modules/.bin/tsc')
    const compile = () =>
      execFileSync(tsc, ['-p', join(import.meta.dirname, 'frozen/tsconfig.json')], { encoding: 'utf8', stdio: 'pipe' })
    expect(compile()).toBe('')
  })
})
