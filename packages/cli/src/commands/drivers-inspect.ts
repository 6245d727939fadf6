import { boolean } from '@oclif/core/flags'
import type { InspectedDriver, InspectedOption } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { print, printJson, printTable } from '../output.ts'

export const command: RtCommand = {
  summary: 'Show what a driver is, can do and can be told',
  usage: '[OPTIONS] [KIND/]DRIVER',
  examples: ['rt drivers inspect bridge'],
  flags: { json: boolean({ summary: 'as JSON' }) },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [text = ''], runtime }) => {
    const rt = await runtime()
    const { chooseDriver, inspectDriver } = await rt.manageDrivers()
    const driver = await inspectDriver(rt.drivers, rt.config, chooseDriver(rt.drivers, text))
    if (flags.on('json')) printJson(driver)
    else show(driver)
    return 0
  },
}

const show = (driver: InspectedDriver): void => {
  const { axis, name, version, folder, capabilities, options } = driver
  const cannot = Object.keys(capabilities).filter((each) => !capabilities[each])
  print(`${axis} driver ${name}`)
  print(`  package       ${driver.package}${version ? ` ${version}` : ''}, contract version ${driver.apiVersion}`)
  print(`  from          ${folder ?? 'rt'}`)
  print(`  can           ${list(Object.keys(capabilities).filter((each) => capabilities[each]))}`)
  print(`  cannot        ${list(cannot)}`)
  print(`  methods       ${list(driver.methods)}`)
  if (options.length === 0) {
    print('  options       none')
    return
  }
  print(`\nOptions, in the config below ${axis}.${name}:`)
  printTable(
    ['OPTION', 'VALUE', 'DEFAULT', 'MUST BE', 'WHAT IT DOES'],
    options.map((option) => [option.name, value(option), byDefault(option), option.expected, option.description]),
  )
}

const list = (words: readonly string[]): string => (words.length === 0 ? '-' : words.join(', '))
const value = ({ value: given, source }: InspectedOption): string =>
  given === undefined ? '-' : `${String(given)} (${source})`
const byDefault = (option: InspectedOption): string =>
  option.default === undefined ? (option.unset ?? '-') : String(option.default)
