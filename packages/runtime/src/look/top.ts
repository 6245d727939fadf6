import { readFileSync } from 'node:fs'
import { readIfThere } from '../store/files.ts'

/** What ps(1) tells of a process, under the names of its columns in lower case. */
export type ProcessRow = Readonly<Record<string, string>>

/** USER_HZ, which the kernel shows to all programs on every architecture that Node runs on. */
const TICKS = 100

export class ProcessTable {
  readonly #now = Date.now() / 1000
  readonly #boot = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1])
  readonly #memory = Number(/^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1])
  readonly #users = users()

  /** Undefined: it has ended. */
  row(pid: number): ProcessRow | undefined {
    const [stat, status] = [readProc(pid, 'stat'), readProc(pid, 'status')]
    if (stat === undefined || status === undefined) return undefined
    // The name, field 2, may hold anything, even `) `.
    const close = stat.lastIndexOf(')')
    const comm = stat.slice(stat.indexOf('(') + 1, close)
    const field = stat.slice(close + 2).split(' ')
    const number = (index: number): number => Number(field[index - 3])
    const of = (name: string): string => new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? '0'
    const seconds = (number(14) + number(15)) / TICKS
    const started = this.#boot + number(22) / TICKS
    const age = Math.max(this.#now - started, 1 / TICKS)
    const command = (readProc(pid, 'cmdline') ?? '').replace(/\0+$/, '').replaceAll('\0', ' ') || `[${comm}]`
    const user = this.#users.get(of('Uid')) ?? of('Uid')
    const rss = Number(of('VmRSS'))
    return {
      uid: user,
      user,
      pid: String(pid),
      ppid: of('PPid'),
      c: String(Math.min(99, Math.floor((seconds / age) * 100))),
      '%cpu': ((seconds / age) * 100).toFixed(1),
      '%mem': ((rss / this.#memory) * 100).toFixed(1),
      vsz: of('VmSize'),
      rss: String(rss),
      stime: startTime(started, this.#now),
      start: startTime(started, this.#now),
      elapsed: clock(age),
      tty: terminal(number(7)),
      tt: terminal(number(7)),
      stat: field[0] ?? '?',
      s: field[0] ?? '?',
      time: clock(seconds),
      nlwp: String(number(20)),
      ni: String(number(19)),
      comm,
      cmd: command,
      command,
    }
  }
}

const readProc = (pid: number, name: string): string | undefined => {
  try {
    return readIfThere(`/proc/${pid}/${name}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined
    throw error
  }
}

/** Of the host, as ps(1) there would name them. */
const users = (): ReadonlyMap<string, string> =>
  new Map(
    (readIfThere('/etc/passwd') ?? '').split('\n').map((line) => {
      const [name = '', , uid = ''] = line.split(':')
      return [uid, name]
    }),
  )

/** `HH:MM` of today, else month and day. */
const startTime = (seconds: number, now: number): string => {
  const date = new Date(seconds * 1000)
  if (date.toDateString() === new Date(now * 1000).toDateString())
    return `${pad(date.getHours())}:${pad(date.getMinutes())}`
  return date.toDateString().slice(4, 7) + pad(date.getDate())
}

/** `HH:MM:SS` */
const clock = (seconds: number): string =>
  `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(Math.floor(seconds) % 60)}`

const pad = (number: number): string => String(number).padStart(2, '0')

/** From the device number in /proc/pid/stat: minor in bits 0-7 and 20-31, major in bits 8-19. */
const terminal = (device: number): string => {
  const [major, minor] = [(device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00)]
  if (device === 0) return '?'
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`
  return `${major}:${minor}`
}
