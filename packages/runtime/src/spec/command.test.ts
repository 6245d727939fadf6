import { describe, expect, test } from 'vitest'
import { containerArgs } from './command.ts'

describe('what runs: entrypoint, then command', () => {
  const both = { Entrypoint: ['entry', 'e1'], Cmd: ['cmd', 'c1'] }
  test.each([
    { image: { Cmd: ['sh'] }, command: [], args: ['sh'] },
    { image: { Cmd: ['sh'] }, command: ['ls', '-l'], args: ['ls', '-l'] },
    { image: {}, command: ['ls'], args: ['ls'] },
    { image: { Entrypoint: null, Cmd: null }, command: ['ls'], args: ['ls'] },
    { image: both, command: [], args: ['entry', 'e1', 'cmd', 'c1'] },
    { image: both, command: ['x'], args: ['entry', 'e1', 'x'] },
    { image: both, command: [], entrypoint: 'new', args: ['new'] },
    { image: both, command: ['x'], entrypoint: 'new', args: ['new', 'x'] },
    { image: both, command: ['x'], entrypoint: 'two words', args: ['two words', 'x'] },
    { image: both, command: ['x', 'y'], entrypoint: '', args: ['x', 'y'] },
    { image: { Entrypoint: ['e'] }, command: [''], args: ['e', ''] },
  ])('$image + $command, --entrypoint $entrypoint', ({ args, ...input }) => expect(containerArgs(input)).toEqual(args))

  test.each([
    { image: {}, command: [] },
    { image: both, command: [], entrypoint: '' },
    { image: {}, command: [''] },
  ])('$image + $command, --entrypoint $entrypoint: no command', (input) => {
    expect(() => containerArgs(input)).toThrow(
      expect.objectContaining({ code: 'RT_USAGE', message: expect.stringMatching(/no command/) }),
    )
  })
})
