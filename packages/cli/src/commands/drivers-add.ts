import { boolean } from '@oclif/core/flags'
import { requireRoot } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Install a driver from the npm registry, a tarball or a folder',
  description:
    'The package and all that it depends on go into a folder of their own below /var/lib/rt/drivers. Nothing of it runs while it is installed; a driver that cannot be used is not installed.',
  usage: '[OPTIONS] PACKAGE',
  examples: [
    'rt drivers add rt-driver-net-macvlan',
    'rt drivers add ./rt-driver-net-macvlan-1.0.0.tgz',
    'rt drivers add --link .',
  ],
  flags: {
    force: boolean({ char: 'f', summary: 'replace one of the same kind and name' }),
    link: boolean({ summary: 'use a folder where it lies, while you work on it' }),
  },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [text = ''], runtime }) => {
    requireRoot()
    const rt = await runtime()
    const { addDriver } = await rt.manageDrivers()
    const {
      manifest,
      package: from,
      version,
    } = await addDriver(rt.config.root, rt.drivers.builtin, text, {
      force: flags.on('force'),
      link: flags.on('link'),
      cwd: process.cwd(),
    })
    print(`${manifest.kind}/${manifest.name} (${from} ${version})`)
    return 0
  },
}
