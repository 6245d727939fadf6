import { describe, expect, it } from 'vitest'
import { cannotRun, until, useRt } from './rt.ts'

/** Answers every connection with a line. */
const SERVER = ['sh', '-c', 'while echo from inside | nc -l -p 80; do :; done']

describe.skipIf(cannotRun).each(['iptables', 'nftables'])(
  'published ports of a container that leaves networks (%s)',
  (firewall) => {
    const rt = useRt({ warm: false })
    const env = { RT_NETWORK_BRIDGE_FIREWALL: firewall }
    const out = (...args: string[]) => rt().out(args, { env })
    const says = async (place: 'host' | 'internet', address: string, port: number) =>
      (await rt().world[place].run(['timeout', '2', 'busybox', 'nc', address, String(port)])).stdout.trim()
    const isFree = async (port: number) =>
      (await rt().host.run(['timeout', '0.3', 'busybox', 'nc', '-l', '-p', String(port)])).code === 124

    it('they lead through the next, then nowhere, then through its first one again', async () => {
      // For what it says of the image.
      await rt().run(['run', '--rm', '--network=none', 'busybox', 'true'])
      for (const [name, ...flags] of [['front'], ['back'], ['inner', '--internal']] as [string, ...string[]][])
        await out('network', 'create', ...flags, name)
      const flags = ['--network=front', '--network=back', '--network=inner', '-p', '8080:80']
      // What stays of networks for a published port, and of several for a container that has all of them.
      for (const _ of ['once', 'twice'])
        for (const some of [['--network=front', '-p', '1'], ['--network=back', '-p', '1'], ['--network=inner'], flags])
          await out('run', '--rm', ...some, 'busybox', 'true')
      const before = await rt().world.snapshot()
      await out('run', '-d', '--name=web', ...flags, 'busybox', ...SERVER)
      const answers = async () => (await says('internet', '198.51.100.2', 8080)) === 'from inside'
      await until('it answers', answers)

      await out('network', 'disconnect', 'front', 'web')
      await until('it answers through the next', answers)
      expect(await says('host', '127.0.0.1', 8080)).toBe('from inside')
      expect(await out('exec', 'web', 'nc', '198.51.100.2', '8080')).toBe('from inside\n')
      expect(await out('port', 'web')).toBe('80/tcp -> 0.0.0.0:8080\n')
      // What is flushed is put back there, too.
      await out('network', 'reload')
      await until('it answers after a reload', answers)

      // An internal network leads nowhere: that is said, and the port stays the container's.
      const left = await rt().run(['network', 'disconnect', 'back', 'web'], { env })
      expect(left).toMatchObject({ code: 0, stdout: '' })
      expect(left.stderr).toMatch(/^rt: Published ports of web \(8080\/tcp\) lead nowhere until its next start: .*\n$/)
      expect(await out('port', 'web')).toBe('')
      expect(await isFree(8080)).toBe(false)
      await out('network', 'disconnect', 'inner', 'web')
      // The first network of one that has none is its way in again.
      await out('network', 'connect', 'front', 'web')
      await until('it answers through its only one', answers)
      expect(await out('port', 'web')).toBe('80/tcp -> 0.0.0.0:8080\n')
      await out('rm', '-f', 'web')
      await rt().world.expectNoLeaks(before)
      await out('network', 'rm', 'front', 'back', 'inner')
    })
  },
)
