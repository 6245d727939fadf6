import { spawnSync } from 'node:child_process'
import { ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'

/** Of everything that is measured. */
export const environment = { ...process.env }
// Where it is set it costs Node tens of milliseconds; ./rt unsets it too.
delete environment.NODE_EXTRA_CA_CERTS

/** Files, not pipes: a container in the background may keep what it was started with (crun's do), and a pipe would then never end. */
const openTemporary = () => {
  const directory = mkdtempSync('/var/tmp/rt-bench-')
  const path = `${directory}/file`
  const writer = openSync(path, 'a')
  const text = () => readFileSync(`/proc/self/fd/${writer}`, 'utf8')
  rmSync(directory, { recursive: true })
  return { writer, text, clear: () => ftruncateSync(writer) }
}
const [stdout, stderr] = [openTemporary(), openTemporary()]

export const run = (argv) => {
  const stdio = ['ignore', stdout.writer, stderr.writer]
  const { status, error } = spawnSync(argv[0], argv.slice(1), { env: environment, stdio, timeout: 120_000 })
  const result = { status, error, stdout: stdout.text(), stderr: stderr.text() }
  for (const file of [stdout, stderr]) file.clear()
  return result
}

export const works = (...argv) => run(argv).status === 0

/** A command that an engine does not have, or that failed: the row says so, the other rows are measured. */
export class Failed extends Error {
  constructor(argv, { error, stderr, status }) {
    const [line = ''] = (error?.message ?? stderr).trim().split('\n')
    super(`${argv.join(' ').slice(-60)}: ${line.slice(0, 120) || `status ${status}`}`)
  }
}

/** @returns what it wrote to standard output */
export const must = (argv) => {
  const result = run(argv)
  if (result.status !== 0) throw new Failed(argv, result)
  return result.stdout
}

/** Milliseconds of processor time, in ticks of 10, that children took who have ended and were waited for: proc(5), cutime and cstime. */
const childrenTime = () => {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/** @returns milliseconds from before its start until after its end, and of processor time meanwhile */
export const times = (argv) => {
  const [start, before] = [process.hrtime.bigint(), childrenTime()]
  const result = run(argv)
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6
  if (result.status !== 0) throw new Failed(argv, result)
  return { elapsed, processor: childrenTime() - before }
}

/** @returns milliseconds from before its start until after its end */
export const time = (argv) => times(argv).elapsed
