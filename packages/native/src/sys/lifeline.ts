import { closeSync } from 'node:fs'
import { syscall } from './libc.ts'

// Pure, so that a bundle whose programs start no helpers is without it.
const pipeCall = /* @__PURE__ */ syscall('pipe2', ['void *', 'int'])
const CLOEXEC = 0o2000000

/** Both ends of a new pipe; they close at execve. */
export const pipe = (): readonly [reader: number, writer: number] => {
  const ends = Buffer.alloc(8)
  pipeCall(undefined, ends, CLOEXEC)
  return [ends.readInt32LE(0), ends.readInt32LE(4)]
}

/**
 * A pipe whose writing end nobody has but the container's monitor: when that ends, whatever ended it, all who have the reading end learn of it.
 * Costs nothing until somebody asks for it.
 */
export interface Lifeline {
  /** For a helper. */
  reader(): number
  /** What the monitor is to hold: empty where nobody has asked for a reader. */
  readonly held: readonly number[]
  /** Ends all helpers of a start that failed. */
  close(): void
}

export const createLifeline = (): Lifeline => {
  let ends: readonly [number, number] | undefined
  return {
    reader: () => {
      ends ??= pipe()
      return ends[0]
    },
    get held() {
      return ends === undefined ? [] : [ends[1]]
    },
    close: () => {
      for (const fd of ends ?? []) closeSync(fd)
      ends = undefined
    },
  }
}
