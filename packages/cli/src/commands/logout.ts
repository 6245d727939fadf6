import { loadRegistry } from '@rt/images'
import type { RtCommand } from '../command.ts'
import { print } from '../output.ts'
import { hostOf } from './login.ts'

export const command: RtCommand = {
  summary: 'Forget the name and password for a registry',
  usage: '[REGISTRY]',
  flags: {},
  words: { least: 0, most: 1 },
  run: async ({ words: [text = 'docker.io'] }) => {
    const host = hostOf(text)
    const { logOut } = await loadRegistry()
    print(logOut(host, process.env) ? `Removed the login for ${host}` : `Nobody was logged in to ${host}`)
    return 0
  },
}
