import { createHash } from 'node:crypto'
import type { Running } from '@rt/test-world'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archive, member } from '../../images/test/archive.ts'
import { imageOf, layerOf } from '../../images/test/registry-images.ts'
import { noRegistry, serveRegistry, withPassword } from './registry-in-world.ts'
import { cannotRun, RT, readComplaint, useRt } from './rt.ts'

const HOST = '127.0.0.1:5000'
const LOCKED = '127.0.0.1:5001'
/** No machine has it (RFC 5737), and the world drops what is sent there. */
const SILENT = '192.0.2.1'
/** No machine of these tests is one. */
const OTHER = 's390x'

/** As `docker save` writes it. */
const foreign = (): Buffer => {
  const layer = layerOf('file', 'content')
  const { config } = imageOf([layer], { architecture: OTHER })
  const id = createHash('sha256').update(config).digest('hex')
  const manifest = [{ Config: `${id}.json`, RepoTags: ['foreign:1'], Layers: ['layer.tar'] }]
  return archive(
    member({ name: 'layer.tar', content: layer.tar }),
    member({ name: `${id}.json`, content: config }),
    member({ name: 'manifest.json', content: JSON.stringify(manifest) }),
  )
}

describe.skipIf(cannotRun ?? noRegistry)(
  'what cannot be pulled is told in a sentence, with a code and what to do',
  () => {
    const rt = useRt({ internet: false })
    const servers: Running[] = []
    beforeAll(async () => {
      servers.push(await serveRegistry(rt(), HOST), await serveRegistry(rt(), LOCKED, await withPassword(rt())))
      await rt().host.sh(`ip route add blackhole default 2>/dev/null || :; ip route add ${SILENT} dev lo
      iptables -A OUTPUT -d ${SILENT} -j DROP`)
    })
    afterAll(async () => {
      for (const server of servers) {
        await server.kill()
        await server.exit
      }
    })
    const run = (name: string): string[] => ['run', '--rm', '--network=none', name, 'true']

    it.each([
      {
        what: 'an unknown image: where it looked',
        name: `${HOST}/team/none:1`,
        pull: ['RT_IMAGE_UNKNOWN', `${HOST} has no image "${HOST}/team/none:1"`],
        run: ['RT_IMAGE_UNKNOWN', `No image "${HOST}/team/none:1" is in the store. ${HOST} has no image`],
        remedy: /rt images/,
      },
      {
        what: 'no network',
        name: 'ghcr.io/nobody/nothing',
        pull: ['RT_REGISTRY_UNREACHABLE', 'The registry ghcr.io cannot be reached: '],
        run: ['RT_IMAGE_UNKNOWN', 'is in the store. The registry ghcr.io cannot be reached: '],
        remedy: /network/,
      },
      {
        what: 'a registry that says nothing',
        name: `${SILENT}/app`,
        pull: ['RT_REGISTRY_UNREACHABLE', `The registry ${SILENT} cannot be reached: it does not answer.`],
        run: ['RT_IMAGE_UNKNOWN', 'cannot be reached: it does not answer.'],
        remedy: /network/,
      },
      {
        what: 'unauthorised: how to log in',
        name: `${LOCKED}/app`,
        pull: ['RT_REGISTRY_DENIED', `${LOCKED} denies access to app, or there is no such repository.`],
        run: ['RT_IMAGE_UNKNOWN', `${LOCKED} denies access to app`],
        remedy: new RegExp(`Log in with: rt login ${LOCKED}`),
      },
      {
        what: 'a name that is none: the character',
        name: 'team/App:1',
        pull: ['RT_IMAGE_REFERENCE', '"team/App:1" is not a valid image name: found "A" at character 6, where '],
        run: ['RT_IMAGE_REFERENCE', 'found "A" at character 6, where '],
        remedy: /looks like `busybox`/,
      },
    ])('$what', async ({ name, pull: [code, sentence], run: [runCode, runSentence], remedy }) => {
      const started = performance.now()
      const pulled = await rt().complaint(['pull', '-q', name])
      expect([pulled.code, pulled.sentence]).toEqual([code, expect.stringContaining(sentence ?? '')])
      expect(pulled.exitCode).toBe(1)
      expect(pulled.remedy).toMatch(remedy)
      const ran = await rt().complaint(run(name))
      expect([ran.code, ran.sentence]).toEqual([runCode, expect.stringContaining(runSentence ?? '')])
      expect(ran.exitCode).toBe(125)
      expect(ran.remedy).toMatch(remedy)
      // Told of, where the kernel would try for two minutes.
      expect(performance.now() - started).toBeLessThan(60_000)
    })

    it('another platform: a warning that says so, wherever it comes from, and no such platform', async () => {
      const warning = (name: string) => new RegExp(`^rt: The image ${name} is made for linux/${OTHER}[^\n]*\n`, 'm')
      await rt().host.write('/root/foreign.tar', foreign())
      const loaded = await rt().run(['load', '-q', '-i', '/root/foreign.tar'])
      expect(loaded).toMatchObject({ code: 0, stderr: expect.stringMatching(warning('.*foreign:1')) })
      const name = `${HOST}/foreign:1`
      await rt().host.sh(`${RT} tag foreign:1 ${name}; ${RT} push -q ${name}; ${RT} rmi foreign:1 ${name}`)
      const pulled = await rt().run(['pull', '-q', name])
      expect(pulled).toMatchObject({ code: 0, stderr: expect.stringMatching(warning(name)) })
      const ran = await rt().run(run(name))
      expect(ran.stderr).toMatch(warning(name))
      expect(ran.code).toBe(127)
      const missing = readComplaint(
        await rt().run(['run', '--rm', '--platform=linux/riscv64', '--pull=never', name, 'x']),
      )
      expect(missing).toMatchObject({ code: 'RT_IMAGE_PLATFORM', exitCode: 125 })
      const spelt = readComplaint(await rt().run(['pull', '-q', '--platform=amd64', name]))
      expect(spelt).toMatchObject({ code: 'RT_USAGE', exitCode: 125, sentence: expect.stringContaining('amd64') })
    })

    it.each([
      ['blocks', 'size=8m', 'head -c 12000000 /dev/urandom >/big'],
      ['inodes', 'size=100m,nr_inodes=60', 'mkdir /many; for n in $(seq 300); do : >/many/$n; done'],
    ])('no space (%s): says so, and nothing is left', async (_, size, script) => {
      const name = `${HOST}/big:1`
      await rt().host.sh(`${RT} run --name=big --network=none busybox sh -c '${script}'; ${RT} commit -q big ${name} || ${RT} commit big ${name}
      ${RT} push -q ${name}; ${RT} rm big; ${RT} rmi ${name}; mkdir -p /small; mount -t tmpfs -o ${size} small /small`)
      for (const args of [['pull', '-q', name], run(name)]) {
        const result = await rt().run(['--root=/small', ...args])
        // What was found and fetched before may have been told.
        const complaint = readComplaint({ ...result, stderr: result.stderr.replace(/^(?:(?!rt: ).*\n)*/, '') })
        expect(complaint).toMatchObject({ code: 'RT_DISK_FULL', exitCode: args[0] === 'pull' ? 1 : 125 })
        expect(
          await rt().host.sh('find /small/images -type f ! -name lock ! -name index.json ! -name oci-layout'),
        ).toBe('')
      }
      await rt().host.sh('umount /small')
    })
  },
)
