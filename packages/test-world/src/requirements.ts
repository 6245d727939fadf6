import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/** Programs that a world is made with, and the Debian package of each. */
const PROGRAMS = {
  bash: 'bash',
  cc: 'gcc',
  ip: 'iproute2',
  iptables: 'iptables',
  'iptables-save': 'iptables',
  mount: 'mount',
  mountpoint: 'util-linux',
  pivot_root: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
} as const

/** Search path of everything that runs here: a user's PATH often lacks the sbin directories. */
export const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

let answer: string | undefined | null = null

/** Why no world can be made on this machine, with what to do about it; undefined when one can. */
export function whyNoWorld(): string | undefined {
  if (answer === null) answer = findReason()
  return answer
}

function findReason(): string | undefined {
  if (process.platform !== 'linux') return 'a test world needs Linux'
  if (process.getuid?.() !== 0) return 'a test world needs root: run the tests with sudo'
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isInstalled(program))
  if (missing.length === 0) return undefined
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ')
  return `a test world needs ${missing.map(([program]) => program).join(', ')}: apt-get install ${packages}`
}

function isInstalled(program: string): boolean {
  return SEARCH_PATH.split(':').some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
