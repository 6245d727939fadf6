import { kill } from '../sys/process.ts'
import { makeThrowawayGroups } from './cgroups.ts'
import { endWithParent } from './namespaces.ts'

/**
 * Stands before a program that something is tried out with: makes control groups for it, whose directories are its further arguments, waits for
 * it, and removes the groups, however it ends. When this process is told to end (SIGTERM), or whoever started it has ended, it ends
 * everything in the groups first. Answers the exit status; the standard streams are this process's.
 */
export const runGuarded = async ([program, ...args]: readonly [string, ...string[]]): Promise<number> => {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const { constants } = process.getBuiltinModule('node:os')
  const groups = makeThrowawayGroups()
  let child: ReturnType<typeof spawn> | undefined
  const end = (): void => {
    groups.thaw()
    const inside = groups.processes().filter((pid) => pid !== child?.pid)
    // It waits for those inside, so it ends last; unless it has not come so far.
    for (const pid of inside) kill(pid, 'SIGKILL')
    if (inside.length === 0) child?.kill('SIGKILL')
  }
  process.on('SIGTERM', end)
  try {
    endWithParent('SIGTERM')
    const running = spawn(program, [...args, ...groups.directories], { stdio: 'inherit' })
    child = running
    return await new Promise<number>((resolve, reject) => {
      running.on('error', reject)
      running.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
    })
  } finally {
    process.off('SIGTERM', end)
    groups.remove()
  }
}
