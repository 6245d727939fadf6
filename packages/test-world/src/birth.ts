import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { WorldCgroups } from './cgroups.ts'
import { SEARCH_PATH } from './requirements.ts'
import { neededDirectories } from './visible.ts'

export interface Birth {
  /** Pids of the first processes of internet and host, as the test sees them. */
  readonly internet: number
  readonly host: number
  /** Ends every process of the world, and answers when they are gone. */
  end(): Promise<void>
}

/** Joins the world's cgroups and becomes `unshare`. */
const JOIN = 'for file in $WORLD_PROCS; do echo $$ >"$file" || exit 125; done; exec "$@"'

/** Starts the scripts that build a world, and answers when it is ready. */
export async function startWorld(settings: {
  WORLD_DIR: string
  WORLD_MTU: string
  WORLD_INTERNET: 'yes' | 'no'
  WORLD_IPV6: 'yes' | 'no'
  WORLD_DATA: string
  cgroups: WorldCgroups
}): Promise<Birth> {
  const { cgroups, ...env } = settings
  const unshare = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child=KILL']
  const script = join(import.meta.dirname, '../scripts/internet.sh')
  // The test's death closes the pipe and, should the scripts be stuck in their work, kills them.
  const argv = ['--pdeathsig', 'KILL', 'sh', '-c', JOIN, 'world', ...unshare, 'bash', script]
  const child = spawn('setpriv', argv, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...env,
      PATH: SEARCH_PATH,
      RT_TEST_WORLD: settings.WORLD_DIR,
      WORLD_PROCS: cgroups.procs.join(' '),
      WORLD_CGROUPS: cgroups.mounts,
      WORLD_VISIBLE: neededDirectories().join('\n'),
    },
  })
  const closed = once(child, 'close')
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  let said = ''
  const ready = await new Promise<RegExpExecArray>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const match = /^ready (\d+) (\d+)$/m.exec(said)
      if (match) resolve(match)
    })
    child.on('error', reject)
    child.on('close', () => reject(new Error(`the world could not be made: ${errors || said}`)))
  })
  const internet = Number(ready[1])
  const host = Number(ready[2])
  return {
    internet,
    host,
    async end() {
      // `unshare` waits for the first process, whose pid therefore cannot have become another's while `unshare` lives; and that
      // process's end is the end of its pid namespace.
      if (child.exitCode === null && child.signalCode === null) process.kill(internet, 'SIGKILL')
      await closed
    },
  }
}
