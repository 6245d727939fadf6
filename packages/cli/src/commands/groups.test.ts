import { expect, it } from 'vitest'
import { groups } from './groups.ts'
import { commands, isLongForm } from './index.ts'

it('rt help shows each command once', () => {
  const shown = groups.flatMap(({ names }) => names)
  const all = Object.keys(commands).filter((name) => !name.startsWith('_') && !isLongForm(name))
  expect([...shown].sort()).toEqual(all.sort())
})

it('the long forms are the same commands', async () => {
  for (const [long, short] of [
    ['container ls', 'ps'],
    ['container stop', 'stop'],
    ['container prune', 'prune'],
    ['image ls', 'images'],
    ['image rm', 'rmi'],
  ] as const) {
    expect(isLongForm(long)).toBe(true)
    expect(await commands[long]?.()).toBe(await commands[short]?.())
  }
})
