import { boolean } from '@oclif/core/flags'
import { requireRoot } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Remove drivers that were added',
  description: 'What containers of a driver have yet to clean up is on disk as steps, and is done without it.',
  usage: '[OPTIONS] [KIND/]DRIVER...',
  examples: ['rt drivers remove macvlan', 'rt drivers remove storage/btrfs'],
  flags: { force: boolean({ char: 'f', summary: 'also where containers or networks have it' }) },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    requireRoot()
    const rt = await runtime()
    const { chooseDriver, removeDriver } = await rt.manageDrivers()
    for (const text of words) {
      const module = chooseDriver(rt.drivers, text)
      removeDriver(rt.config.root, module, rt.usersOfDriver(module.axis, module.name), flags.on('force'))
      print(text)
    }
    return 0
  },
}
