/**
 * A monitor with a restart policy and no container: holds the lock, keeps a program running, answers at the door. Called with a run
 * directory and how many starts it makes after it was told that there is to be none: a real one may be in the middle of one.
 */
import { spawn } from 'node:child_process'
import { rmSync, writeFileSync, writeSync } from 'node:fs'
import { openProcess, processStartTime, tryLock, waitReadable } from '../../../native/src/index.ts'
import { syscall } from '../../../native/src/sys/libc.ts'
import {
  AF_UNIX,
  bind,
  MSG_NOSIGNAL,
  recv,
  SOCK_SEQPACKET_CLOEXEC,
  sendto,
  socket,
} from '../../../native/src/sys/socket.ts'

const listen = syscall('listen', ['int', 'int'])
const accept = syscall('accept', ['int', 'void *', 'void *'])

const [run = '', more = '0'] = process.argv.slice(2)
let left = Number(more)
let told = false
let restarts = 0

const start = (): number => {
  // It ends with us, whatever ends us: its input closes then.
  const pid = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] }).pid as number
  const startTime = processStartTime(pid) as string
  writeFileSync(`${run}/status`, `${pid} ${startTime} 1000000 ${restarts++}\n`)
  return openProcess(pid, startTime) as number
}

tryLock(`${run}/lock`)
const server = socket(AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0)
const address = Buffer.alloc(110)
address.writeUInt16LE(AF_UNIX)
address.write(`${run}/door`, 2)
bind(server, address)
listen(undefined, server, 8)
let init = start()
writeSync(1, 'ready\n')

const clients = new Set<number>()
const waiting = new Set<number>()
const hear = (client: number): void => {
  const message = Buffer.alloc(64)
  const length = recv(client, message)
  if (length === 0) clients.delete(client)
  else if (message[0] === 'S'.charCodeAt(0)) told = true
  else if (message[0] === 'A'.charCodeAt(0) && message[1] === 4) waiting.add(client)
}

for (;;) {
  const ready = waitReadable([server, init, ...clients], Number.POSITIVE_INFINITY)
  for (const client of clients) if (ready.has(client)) hear(client)
  if (ready.has(server)) clients.add(accept(undefined, server, null, null))
  if (!ready.has(init)) continue
  for (const client of waiting) sendto(client, Buffer.from([88, 143, 0, 0, 0]), MSG_NOSIGNAL)
  waiting.clear()
  if (told && left-- === 0) break
  init = start()
}
rmSync(run, { recursive: true })
process.exit(0)
