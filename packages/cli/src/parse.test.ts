import { isRtError } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import type { RtCommand } from './command.ts'
import { containerFlags } from './flags/run.ts'
import { parse, splitWords } from './parse.ts'

const run: RtCommand = {
  summary: 's',
  usage: 'IMAGE [COMMAND]',
  flags: containerFlags,
  words: { least: 1, most: Number.POSITIVE_INFINITY, stopAtWord: true },
  run: async () => 0,
}
const split = (line: string) => splitWords(line.split(' '), containerFlags, true)
const refusal = async (line: string): Promise<string> =>
  parse('run', run, line.split(' ').filter(Boolean)).then(
    () => 'accepted',
    (error: unknown) => (isRtError(error) ? `${error.code} ${error.message}` : String(error)),
  )

describe('splitWords', () => {
  it.each([
    ['busybox ls -l', [], ['busybox', 'ls', '-l']],
    ['--rm busybox ls --rm', ['--rm'], ['busybox', 'ls', '--rm']],
    ['--network host busybox', ['--network=host'], ['busybox']],
    ['--network=host busybox', ['--network=host'], ['busybox']],
    ['-it busybox sh', ['-it'], ['busybox', 'sh']],
    ['-ite A=1 busybox', ['-ite', 'A=1'], ['busybox']],
    ['-eA=1 busybox', ['-eA=1'], ['busybox']],
    ['--rm=false -i busybox', ['-i'], ['busybox']],
    ['--name a --name=b busybox', ['--name=b'], ['busybox']],
    ['-m 1g -itm2g --memory 3g busybox', ['-it', '--memory=3g'], ['busybox']],
    ['--net a --network b -u=1 -u 2 busybox', ['--net=a', '--network=b', '--user=2'], ['busybox']],
    ['-e A -eB busybox', ['-e', 'A', '-eB'], ['busybox']],
    ['--rm=1 --init=F busybox', ['--rm'], ['busybox']],
    ['-d=false -it=false busybox', ['--interactive', '--no-tty'], ['busybox']],
    ['-e=A busybox', ['-e=A'], ['busybox']],
    ['--entrypoint -x busybox', ['--entrypoint=-x'], ['busybox']],
    ['--rm -- -odd-image', ['--rm'], ['-odd-image']],
  ])('%s', (line, flags, words) => expect(split(line)).toEqual({ flags, words }))

  it('takes flags anywhere where words do not end them', () => {
    expect(splitWords(['a', '-q', 'b'], { quiet: { type: 'boolean', char: 'q' } as never }, false)).toEqual({
      flags: ['-q'],
      words: ['a', 'b'],
    })
  })
})

describe('parse', () => {
  it('reads what Docker users write', async () => {
    const { flags, words } = await parse('run', run, [
      '--rm',
      '-it',
      '-e',
      'A=1',
      '-eB=2',
      '--name=x',
      'busybox',
      'ls',
      '-l',
    ])
    expect([flags.on('rm'), flags.given('tty'), flags.given('interactive'), flags.on('detach')]).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(flags.texts('env')).toEqual(['A=1', 'B=2'])
    expect(flags.text('name')).toBe('x')
    expect(words).toEqual(['busybox', 'ls', '-l'])
  })

  it.each([
    ['', 'RT_USAGE rt run needs at least one argument: rt run IMAGE [COMMAND]'],
    ['--netwrk host busybox', 'RT_USAGE There is no flag --netwrk. Did you mean "--network"?'],
    ['-Z busybox', 'RT_USAGE There is no flag -Z.'],
  ])('"%s" is refused: %s', async (line, message) => expect(await refusal(line)).toBe(message))
})
