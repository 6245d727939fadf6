import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Runs a script of this directory under Node in a throwaway network namespace, and answers the JSON that it printed last. */
export const inNetns = (script: string, ...args: string[]): Record<string, unknown> => {
  const path = join(import.meta.dirname, script)
  const command = ['-n', '-m', process.execPath, '--conditions=@rt/source', path, ...args]
  const { status, stdout, stderr } = spawnSync('unshare', command, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>
}

export const isRoot = process.geteuid?.() === 0
