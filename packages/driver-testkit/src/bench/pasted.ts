import { closeSync, constants, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { HostStep } from '@rt/driver-api'
import { findProgram, type Netns, openNetns } from '@rt/native'
import { type ExplainInput, toScript } from '@rt/native/explain'
import { type Ended, program } from '@rt/native/throwaway'
import { ensure } from '../check.ts'
import { slow } from './scratch.ts'

/** Whether this host has what the scripts of `rt explain` are made of. */
export const canPaste = (): boolean => ['bash', 'ip', 'unshare', 'setpriv', 'mkfifo'].every((name) => findProgram(name))

const FIFO = '/run/check/pasted'
const WAITS: HostStep = {
  where: 'host',
  op: 'exec',
  argv: ['cat', FIFO],
  why: 'Waits, so that somebody can look at what has been made.',
}

/** Pastes the script of a plan into a root shell, lets `look` see what it has made on the way, and answers when it has cleaned up. */
export const paste = async (
  input: Omit<ExplainInput, 'title'>,
  look: (netns: Netns | undefined) => void,
): Promise<Ended> => {
  await program(['mkfifo', FIFO])
  const script = toScript({ ...input, title: 'A trial.', host: [...input.host, WAITS] })
  const running = program(['bash', '-c', script])
  let ended: Ended | undefined
  void running.then((result) => {
    ended = result
  })
  const deadline = Date.now() + 20_000 * slow()
  let writer: number | undefined
  while (writer === undefined && ended === undefined && Date.now() < deadline) {
    writer = openIfRead(FIFO)
    if (writer === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  try {
    if (writer !== undefined) look(holder())
  } finally {
    if (writer !== undefined) {
      writeFileSync(writer, 'go\n')
      closeSync(writer)
    }
    await running
    await program(['rm', FIFO])
  }
  const result = await running
  ensure(
    writer !== undefined && result.code === 0,
    `the pasted script ended with ${result.code}: ${result.stderr.trim().slice(-400)}`,
  )
  return result
}

const openIfRead = (path: string): number | undefined => {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined
    throw error
  }
}

/** The script's process that holds the container's network namespace. */
const holder = (): Netns | undefined => {
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && wordsOf(name) === 'sleep infinity')
  return pid === undefined ? undefined : openNetns(Number(pid))
}

const wordsOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}
