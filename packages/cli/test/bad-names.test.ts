import { describe, expect, it } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

/** Every command that takes a container, with NAME in its place, and Docker's exit status where it is not 1. */
const COMMANDS: readonly (readonly [line: string, exitCode?: number])[] = [
  ['start NAME'],
  ['start -a NAME'],
  ['stop NAME'],
  ['restart NAME'],
  ['kill NAME'],
  ['wait NAME'],
  ['pause NAME'],
  ['unpause NAME'],
  ['rm NAME'],
  ['rm -f NAME'],
  ['rename NAME other'],
  ['update -m 64m NAME'],
  ['exec NAME true'],
  ['exec -d NAME true'],
  ['attach NAME'],
  ['logs NAME'],
  ['logs -f NAME'],
  ['inspect --type=container NAME'],
  ['top NAME'],
  ['stats --no-stream NAME'],
  ['port NAME'],
  ['diff NAME'],
  ['export -o /root/never NAME'],
  ['commit NAME image'],
  ['cp NAME:/etc/passwd -'],
  ['cp /etc/passwd NAME:/'],
  ['network connect bridge NAME'],
  ['network disconnect bridge NAME'],
  ['ps --filter=before=NAME'],
  ['run --network=container:NAME busybox', 125],
  ['run --volumes-from=NAME busybox', 125],
]

describe.skipIf(cannotRun)('containers that are not meant', () => {
  const rt = useRt({ internet: false })
  const refuse = (line: string, name: string) => rt().complaint(line.replace('NAME', name).split(' '))

  it('an unknown name: every command says so, with one that is near', async () => {
    await rt().out(['create', '--name=wanted', '--network=none', 'busybox', 'true'])
    for (const [line, exitCode = 1] of COMMANDS)
      expect(await refuse(line, 'wnated'), line).toMatchObject({
        code: 'RT_CONTAINER_UNKNOWN',
        sentence: expect.stringMatching(/^No such container: wnated\. Did you mean "wanted"\?$/),
        // With -f what is not there is no failure.
        exitCode: line.startsWith('rm -f') ? 0 : exitCode,
      })
    expect(await rt().host.sh('ls /root/never 2>/dev/null || echo none')).toBe('none\n')
    await rt().out(['rm', 'wanted'])
  })

  it('an ambiguous beginning of an id: every command says so, with the ids', async () => {
    // Seventeen ids have two that begin alike.
    const names = Array.from({ length: 17 }, (_, n) => `many${n}`)
    for (const name of names) await rt().out(['create', `--name=${name}`, '--network=none', 'busybox', 'true'])
    const ids = (await rt().out(['ps', '-aq', '--no-trunc'])).trim().split('\n')
    const digits = ids.map((id) => id.slice(0, 1))
    const digit = digits.find((one, index) => digits.indexOf(one) !== index) ?? ''
    const meant = ids.filter((id) => id.startsWith(digit)).map((id) => id.slice(0, 12))
    for (const [line, exitCode = 1] of COMMANDS) {
      const found = await refuse(line, digit)
      expect(found, line).toMatchObject({ code: 'RT_CONTAINER_AMBIGUOUS', exitCode })
      expect(found.sentence, line).toMatch(
        new RegExp(`^"${digit}" is the beginning of ${meant.length} container ids: `),
      )
      for (const id of meant) expect(found.sentence).toContain(id)
    }
    await rt().out(['rm', ...names])
  })
})
