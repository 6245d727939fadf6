// A program that embeds rt: each function is one that a test runs in a world, by its name; what it answers is printed as JSON.
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { builtinDrivers } from '@rt/drivers'
import { createRuntime } from '@rt/runtime'

const rt = await createRuntime({ drivers: builtinDrivers, settings: { network: 'none' } })
const sh = (script, options = {}) => rt.run({ image: 'busybox', command: ['sh', '-c', script], ...options })
const processState = () => ({
  cwd: process.cwd(),
  umask: process.umask(),
  signals: process.eventNames().filter((name) => String(name).startsWith('SIG')),
  namespaces: ['net', 'mnt', 'pid', 'uts', 'ipc'].map((name) => readlinkSync(`/proc/self/ns/${name}`)),
  threads: [...new Set(readThreads())],
  // O_NONBLOCK and O_CLOEXEC of the standard streams.
  flags: [0, 1, 2].map((fd) => /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))[1]),
})
const { readdirSync } = await import('node:fs')
const readThreads = () => readdirSync('/proc/self/task').map((id) => readlinkSync(`/proc/self/task/${id}/ns/net`))
const openFds = () => readdirSync('/proc/self/fd').length

const scenarios = {
  async outputs() {
    await using c = await sh('echo out; echo err >&2; exit 3', { name: 'one', labels: { a: 'b' } })
    const [out, err, exit] = await Promise.all([text(c.stdout), text(c.stderr), c.wait()])
    const { record, state } = await c.inspect()
    const lines = []
    for await (const { stream, log } of c.logs()) lines.push([stream, log])
    return { out, err, exit, name: c.name, labels: record.request.labels, status: state.status, lines: lines.sort() }
  },

  async binary(megabytes) {
    const data = randomBytes(1 << 20)
    const hash = createHash('sha256')
    await using c = await rt.run({ image: 'busybox', command: ['cat'], stdin: 'pipe', log: { driver: 'none' } })
    const sent = createHash('sha256')
    const feed = Readable.from(
      (function* () {
        for (let n = 0; n < Number(megabytes); n++) {
          sent.update(data)
          yield data
        }
      })(),
    )
    const [, size] = await Promise.all([
      pipeline(feed, c.stdin),
      (async () => {
        let size = 0
        for await (const chunk of c.stdout) {
          hash.update(chunk)
          size += chunk.length
        }
        return size
      })(),
    ])
    const exit = await c.wait()
    return { size, same: hash.digest('hex') === sent.digest('hex'), exit }
  },

  async unread() {
    await using c = await sh('head -c 1000000 /dev/zero; exit 5')
    return { exit: await c.wait() }
  },

  async abortedBefore() {
    const before = rt.list().length
    const signal = AbortSignal.abort(new Error('not today'))
    const error = await sh('true', { signal }).catch((error) => error)
    return { message: error.message, left: rt.list().length - before }
  },

  async abortedLater() {
    const control = new AbortController()
    await using c = await sh('echo up; sleep 1000', { signal: control.signal })
    await new Promise((resolve) => c.stdout.once('data', resolve))
    control.abort()
    return { exit: await c.wait() }
  },

  async outOfMemory() {
    await using c = await sh('tail /dev/zero', { limits: { memory: '32m', memorySwap: '32m' } })
    return { exit: await c.wait() }
  },

  async refusals() {
    const code = (promise) =>
      promise.then(
        () => 'none',
        (error) => error.code,
      )
    const before = rt.list().length
    return {
      program: await code(rt.run({ image: 'busybox', command: ['/no/such'] })),
      image: await code(rt.run({ image: 'nonesuch', pull: 'never' })),
      network: await code(sh('true', { network: 'nonesuch' })),
      restart: await code(sh('true', { restart: { name: 'always' } })),
      limit: await code(sh('true', { limits: { memory: '1k' } })),
      left: rt.list().length - before,
    }
  },

  async exec() {
    await using c = await sh('trap "exit 9" TERM; while true; do sleep 0.1; done')
    const echo = await c.exec(['sh', '-c', 'cat; echo "$WHO" >&2; exit 4'], { stdin: 'pipe', env: { WHO: 'me' } })
    echo.stdin.end('typed')
    const [out, err, exit] = await Promise.all([text(echo.stdout), text(echo.stderr), echo.wait()])
    const sleeper = await c.exec(['sleep', '1000'])
    sleeper.kill('SIGTERM')
    const killed = await sleeper.wait()
    const missing = await c.exec(['/no/such']).catch(({ code }) => code)
    const tty = await c.exec(['sh', '-c', 'test -t 1 && echo yes'], { tty: true })
    const [terminal] = await Promise.all([text(tty.stdout), tty.wait()])
    const stats = await c.stats()
    await c.stop()
    return { out, err, exit, killed, missing, terminal, pids: stats.pids > 0, stopped: await c.wait() }
  },

  async terminal() {
    await using c = await rt.run({ image: 'busybox', command: ['sh'], tty: true, stdin: 'pipe', workdir: '/' })
    c.resize(91, 33)
    c.stdin.write('stty size; exit 6\n')
    const [out, exit] = await Promise.all([text(c.stdout), c.wait()])
    return { size: /(\d+ \d+)\r\n/.exec(out)?.[1], exit }
  },

  async many(count) {
    const before = processState()
    const fds = openFds()
    const answers = await Promise.all(
      Array.from({ length: Number(count) }, async (_, n) => {
        await using c = await sh(`echo ${n}`, { network: 'bridge' })
        const [out, exit] = await Promise.all([text(c.stdout), c.wait()])
        return out.trim() === String(n) && exit.exitCode === 0
      }),
    )
    // Descriptors of streams are closed at the next turn of the loop.
    await new Promise((resolve) => setTimeout(resolve, 50))
    const children = readdirSync('/proc/self/task').flatMap((id) =>
      readFileSync(`/proc/self/task/${id}/children`, 'utf8').split(' ').filter(Boolean),
    )
    return {
      right: answers.filter(Boolean).length,
      left: rt.list().length,
      same: JSON.stringify(processState()) === JSON.stringify(before),
      before,
      after: processState(),
      // The first use opens what all further ones share.
      fds: openFds() - fds,
      zombies: children.filter((pid) => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))).length,
    }
  },

  async handles() {
    const detached = await sh('echo kept; exec sleep 1000', { detach: true, name: 'kept' })
    const seen = await rt.container('kept')
    const events = []
    const control = new AbortController()
    const listening = (async () => {
      for await (const { action, name } of rt.events({ signal: control.signal })) events.push(`${name} ${action}`)
    })()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const waits = Array.from({ length: 12 }, () => seen.wait())
    // Twelve waits at once leave the threads of Node to others.
    readFileSync('/etc/hostname')
    await import('node:fs/promises').then(({ readFile }) => readFile('/etc/hostname'))
    await seen.pause()
    const { state } = await seen.inspect()
    await seen.unpause()
    await seen.kill('SIGKILL')
    const exits = await Promise.all(waits)
    await seen.start()
    const again = (await seen.inspect()).state.status
    await detached.remove({ force: true })
    control.abort()
    await listening
    return { paused: state.status, exits: [...new Set(exits.map((exit) => JSON.stringify(exit)))], again, events }
  },

  async crash() {
    await sh('exec sleep 1000', { name: 'mine' })
    await sh('exec sleep 1000', { name: 'free', detach: true })
    const ended = await sh('true', { name: 'over' })
    await ended.wait()
    console.log('ready')
    setInterval(() => {}, 1000)
    await new Promise(() => {})
  },

  async published() {
    await using c = await rt.run({
      image: 'busybox',
      command: ['sh', '-c', 'mkdir /www && echo hello > /www/index.html && exec httpd -f -p 80 -h /www'],
      network: 'bridge',
      publish: ['127.0.0.1::80'],
    })
    for (;;) {
      try {
        const answer = await fetch(`http://127.0.0.1:${c.port(80)}/`)
        return { answer: await answer.text(), address: c.address }
      } catch (error) {
        if (error.cause?.code !== 'ECONNREFUSED') throw error
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  },
}

const [name, ...words] = process.argv.slice(2)
console.log(JSON.stringify(await scenarios[name](...words)))
