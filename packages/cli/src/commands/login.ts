import { readFileSync } from 'node:fs'
import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { loadRegistry } from '@rt/images'
import { ask } from '../ask.ts'
import type { RtCommand } from '../command.ts'
import { complain, print } from '../output.ts'

export const command: RtCommand = {
  summary: 'Log in to a registry',
  description:
    "Name and password are kept where Docker keeps them: with its credential helper, or in ~/.docker/config.json. Without a registry: Docker's.",
  usage: '[OPTIONS] [REGISTRY]',
  examples: ['rt login ghcr.io', 'rt login -u ann --password-stdin registry.example:5000 <token'],
  flags: {
    username: string({ char: 'u', summary: 'the user', helpValue: 'NAME' }),
    password: string({ char: 'p', summary: 'the password, for everybody to see in `ps`', helpValue: 'TEXT' }),
    'password-stdin': boolean({ summary: 'read the password from standard input' }),
  },
  words: { least: 0, most: 1 },
  run: async ({ flags, words: [host = 'docker.io'], runtime }) => {
    const rt = await runtime()
    const [given, piped] = [flags.text('password'), flags.on('password-stdin')]
    if (given !== undefined && piped)
      throw new RtError('RT_USAGE', 'Either --password or --password-stdin says the password, not both', {
        exitCode: 1,
      })
    if (piped && flags.text('username') === undefined)
      throw new RtError('RT_USAGE', '--password-stdin needs --username', { exitCode: 1 })
    const username = flags.text('username') ?? (await ask('Username'))
    const password = piped
      ? readFileSync(0, 'utf8').replace(/\r?\n$/, '')
      : (given ?? (await ask('Password', { secret: true })))
    if (username === '' || password === '')
      throw new RtError('RT_USAGE', 'A login needs a user name and a password', { exitCode: 1 })
    const { logIn } = await loadRegistry()
    const file = await logIn({ host: hostOf(host), username, password }, rt.registryAccess())
    if (file !== undefined)
      complain(`rt: the password is kept unencrypted in ${file}; a credential helper would encrypt it`)
    print('Login Succeeded')
    return 0
  },
}

/** As people paste it: `https://host/v2/`. */
export const hostOf = (text: string): string => {
  const host = text.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return host === 'index.docker.io' ? 'docker.io' : host
}
