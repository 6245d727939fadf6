import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A scenario of twenty processes takes ten times as long where others are at work. */
export const MOST_MS = 150_000 * Number(process.env.RT_TEST_SLOW ?? 1)

export const isRoot = process.geteuid?.() === 0

/** Performs a scenario, with the rules of `firewall`, in network, mount and pid namespaces of its own; all of them end with it. */
export const play = (scenario: string, firewall = 'iptables'): Record<string, unknown> => {
  const runRoot = mkdtempSync(join(tmpdir(), 'rt-bridge-'))
  try {
    const { stdout, stderr, status } = spawnSync(
      'unshare',
      [
        ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
        ...[process.execPath, '--conditions=@rt/source', join(import.meta.dirname, 'run.ts'), scenario, runRoot],
      ],
      {
        encoding: 'utf8',
        timeout: MOST_MS,
        killSignal: 'SIGKILL',
        env: { ...process.env, NODE_OPTIONS: '', RT_TEST_FIREWALL: firewall },
      },
    )
    if (status !== 0) throw new Error(`${scenario} ended with ${status}: ${stderr}`)
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  } finally {
    rmSync(runRoot, { recursive: true, force: true })
  }
}
