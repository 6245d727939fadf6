import { boolean } from '@oclif/core/flags'
import { diagnose } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { print, printJson } from '../output.ts'

export const command: RtCommand = {
  summary: 'Say for every driver whether this host can do it and, if not, what to do',
  usage: '[OPTIONS]',
  flags: { json: boolean({ summary: 'as JSON' }) },
  words: { least: 0, most: 0 },
  run: async ({ flags, runtime }) => {
    const rt = await runtime()
    const diagnoses = await diagnose(rt.drivers)
    const configured = (axis: string): string => rt.config.driver(axis as 'network').value
    const broken = diagnoses.filter(({ driver, probe }) => !probe.ok && configured(driver.axis) === driver.name)
    if (flags.on('json'))
      printJson(diagnoses.map(({ driver, probe }) => ({ axis: driver.axis, driver: driver.name, ...probe })))
    else
      for (const { driver, probe } of diagnoses) {
        const chosen = configured(driver.axis) === driver.name ? ' (configured)' : ''
        print(
          `${probe.ok ? 'ok  ' : 'FAIL'}  ${driver.axis} ${driver.name}${chosen}: ${probe.ok ? probe.detail : probe.reason}`,
        )
        const more = probe.ok ? probe.advice : probe.remedy
        if (more !== undefined) print(`        ${more}`)
      }
    return broken.length === 0 ? 0 : 1
  },
}
