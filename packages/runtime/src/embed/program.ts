import type { Readable, Writable } from 'node:stream'
import {
  closeFd,
  compileEnterPlan,
  type Output,
  type ProgramFront,
  StartFailure,
  spawnEntering,
  spawnExec,
} from '@rt/native'
import { type PreparedExec, prepareExec, wordsOf } from '../exec/exec.ts'
import { failedExec } from '../exec/failed.ts'
import type { ExecRequest } from '../exec/request.ts'
import { parseSignal } from '../lifecycle/signals.ts'
import type { Parts } from '../runtime/parts.ts'
import { appendEvent } from '../store/journal.ts'
import { type Exit, signalName } from './exit.ts'

/** A further program of a container; what is left out is as the container's own program has it. */
export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly user?: string
  readonly workdir?: string
  /** All capabilities, and no system call filter. */
  readonly privileged?: boolean
  /** As in RunOptions; the pipes are the program's own. */
  readonly stdin?: 'pipe' | 'ignore'
  readonly stdout?: Output
  readonly stderr?: Output
  readonly tty?: boolean
  /** Aborted: the program is killed. */
  readonly signal?: AbortSignal
}

/** A program that was brought into a container. It is not this process's: without its streams it goes on when this one ends. */
export interface RunningProgram {
  /** On the host. */
  readonly pid: number
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Its streams may hold more. @throws where the process that waits for it was killed */
  wait(): Promise<Exit>
  kill(signal?: NodeJS.Signals | number): void
}

/** @throws RtError RT_CONTAINER_NOT_RUNNING, RT_CONTAINER_PAUSED, RT_COMMAND_NOT_FOUND, ...; the reason of an aborted signal */
export const runProgram = async (
  rt: Parts,
  container: string,
  command: readonly [string, ...string[]],
  options: ProgramOptions,
): Promise<RunningProgram> => {
  const { env = {}, user, workdir, privileged = false, tty = false, signal } = options
  signal?.throwIfAborted()
  const request: ExecRequest = {
    container,
    command,
    stdin: options.stdin === 'pipe' ? 'inherit' : 'null',
    tty,
    detach: false,
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    envFiles: [],
    ...(user !== undefined && { user }),
    ...(workdir !== undefined && { workdir }),
    privileged,
  }
  const prepared = await prepareExec({ layout: rt.layout, registry: rt.drivers, request })
  const front = begin(rt, prepared, request, options)
  const pid = await front.started.catch((error: unknown) => {
    front.close()
    if (!(error instanceof StartFailure)) throw error
    throw failedExec(prepared.record.name, JSON.stringify(prepared.sandbox.map(wordsOf)), error)
  })
  const kill = (signal: NodeJS.Signals | number = 'SIGKILL'): void => front.signal(parseSignal(String(signal)))
  const abort = (): void => kill()
  signal?.addEventListener('abort', abort)
  front.ended.catch(() => {}).finally(() => signal?.removeEventListener('abort', abort))
  if (signal?.aborted) kill()
  return {
    pid,
    stdin: front.stdin,
    stdout: front.stdout,
    stderr: front.stderr,
    kill,
    wait: async () => {
      const { exitCode, signal } = await front.ended
      return { exitCode: signal === 0 ? exitCode : 128 + signal, signal: signalName(signal) }
    },
  }
}

const begin = (rt: Parts, prepared: PreparedExec, request: ExecRequest, options: ProgramOptions): ProgramFront => {
  const { record, init, cgroups, sandbox, command } = prepared
  const streams = {
    stdin: request.stdin === 'inherit',
    stdout: options.stdout ?? 'pipe',
    stderr: options.stderr ?? 'pipe',
    tty: request.tty,
  } as const
  try {
    const plan = compileEnterPlan({
      pid: init.pid,
      stdin: request.stdin,
      detach: false,
      detachKeys: new Uint8Array(),
      onFailure: [],
      sandbox,
    })
    const front = spawnExec(plan, spawnEntering(cgroups, streams), init.pidfd, streams)
    appendEvent(rt.layout, 'exec_start', record, { execCommand: command })
    return front
  } finally {
    closeFd(init.pidfd)
  }
}
