/**
 * Writes a json-file log as the shim does: node log-writer.mjs PATH LINES MAX_SIZE MAX_FILE. One write an entry; a full file is renamed to
 * `.1`, that to `.2` and so on. Lines are numbered per stream, `stdout 1`, `stderr 1`; every thousandth is a long one in two entries.
 */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'

const [path, lines, maxSize, maxFile] = [process.argv[2], ...process.argv.slice(3).map(Number)]
let fd = openSync(path, 'a', 0o600)
let size = 0

const rotate = () => {
  closeSync(fd)
  if (maxFile > 1) rmSync(`${path}.${maxFile - 1}`, { force: true })
  else rmSync(path)
  for (let n = maxFile - 1; n > 1; n--) move(`${path}.${n - 1}`, `${path}.${n}`)
  if (maxFile > 1) renameSync(path, `${path}.1`)
  fd = openSync(path, 'ax', 0o600)
  size = 0
}

const move = (from, to) => {
  try {
    renameSync(from, to)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

const append = (stream, log) => {
  const entry = Buffer.from(`${JSON.stringify({ log, stream, time: new Date().toISOString() })}\n`)
  if (size > 0 && size + entry.length > maxSize) rotate()
  size += writeSync(fd, entry)
}

const count = { stdout: 0, stderr: 0 }
for (let n = 1; n <= lines; n++) {
  const stream = n % 3 === 0 ? 'stderr' : 'stdout'
  const text = `${stream} ${++count[stream]}`
  if (n % 1000 === 0) append(stream, `${text} ${'x'.repeat(16384 - text.length - 1)}`)
  append(stream, n % 1000 === 0 ? 'end\n' : `${text}\n`)
}
