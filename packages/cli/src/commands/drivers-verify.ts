import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { requireRoot } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { many } from '../flags/many.ts'
import { print, printJson } from '../output.ts'

export const command: RtCommand = {
  summary: 'Say whether a driver would load, whether this host can do it, and whether it keeps the contract',
  description:
    'An installed driver by its name, or a package that is not installed: a folder, a tarball, or a name of the npm registry. Its promises are tried in namespaces of their own, where all files of the machine are read-only; of the machine itself nothing is changed but that, while it lasts, there is a control group called rt-trial-PID-STARTTIME.',
  usage: '[OPTIONS] [KIND/]DRIVER|PACKAGE',
  examples: ['rt drivers verify bridge', 'rt drivers verify .', 'rt drivers verify --opt parent=eth0 macvlan'],
  flags: {
    json: boolean({ summary: 'as JSON' }),
    opt: string({
      summary: "an option of the driver's",
      helpValue: 'KEY=VALUE',
      ...many,
    }),
  },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [text = ''], runtime }) => {
    requireRoot()
    const rt = await runtime()
    const { verifyDriver } = await import('../verify/index.ts')
    const json = flags.on('json')
    const verdict = await verifyDriver(rt, text, optionsOf(flags.texts('opt')), (part, problem, what) => {
      if (!json)
        print(
          `${problem === undefined ? 'ok  ' : 'FAIL'}  ${part.padEnd(9)} ${what}${problem === undefined ? '' : `: ${problem}`}`,
        )
    })
    if (json) printJson(verdict)
    const broken = verdict.checks.filter(({ problem }) => problem !== undefined)
    const { driver, probe, notOffered } = verdict
    if (!json && notOffered.length > 0) print(`-     ${'contract'.padEnd(9)} not offered: ${notOffered.join(', ')}`)
    if (probe.ok && broken.length === 0) return 0
    if (json) return 1
    if (!probe.ok)
      throw new RtError('RT_DRIVER_UNFIT', `This host cannot do what the ${driver} needs: ${probe.reason}.`, {
        remedy: probe.remedy,
      })
    throw new RtError(
      'RT_DRIVER_UNFIT',
      `The ${driver} breaks ${broken.length} of ${verdict.checks.length} promises of the contract.`,
    )
  },
}

const optionsOf = (given: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new RtError('RT_USAGE', `--opt ${text} is not KEY=VALUE`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
