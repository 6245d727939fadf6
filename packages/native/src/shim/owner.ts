import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'

/** What the shim says of a step that failed. */
export class StartFailure extends Error {
  /** Index into the plan's sandbox steps, or a negative number of SHIM_STEPS. */
  readonly step: string
  readonly errno: number
  /** The path or name that the step was about. */
  readonly detail: string

  constructor(step: string, errno: number, detail: string) {
    super(`step ${step} failed: errno ${errno}${detail && ` (${detail})`}`)
    this.name = 'StartFailure'
    this.step = step
    this.errno = errno
    this.detail = detail
  }
}

/** Our end of the socket at which a child of ours tells of a start (shim/owner.h): descriptor 3 of that child. */
export class OwnerSocket {
  readonly started: Promise<number>
  readonly ended: Promise<{ readonly exitCode: number; readonly signal: number }>

  constructor(child: ChildProcess) {
    const socket = child.stdio[3] as Duplex
    const start = Promise.withResolvers<number>()
    const end = Promise.withResolvers<{ readonly exitCode: number; readonly signal: number }>()
    this.started = start.promise
    this.ended = end.promise
    // Who asks for one of them need not ask for the other.
    for (const promise of [this.started, this.ended]) promise.catch(() => {})
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
      const [, pid, status] = /^P (\d+)\n(?:E (\d+)\n)?/.exec(text) ?? []
      if (pid !== undefined) start.resolve(Number(pid))
      if (status !== undefined) end.resolve(waited(Number(status)))
    })
    socket.on('error', (error) => {
      start.reject(error)
      end.reject(error)
    })
    socket.on('close', () => {
      const [, step = '-1', errno = '0', detail = ''] = /^F (-?\d+) (\d+) ([\s\S]*)$/.exec(text) ?? []
      const failure = new StartFailure(step, Number(errno), detail)
      start.reject(failure)
      end.reject(failure)
    })
  }
}

/** The status of wait(2) of a process that has ended. */
const waited = (status: number): { readonly exitCode: number; readonly signal: number } => ({
  exitCode: (status >> 8) & 0xff,
  signal: status & 0x7f,
})
