import { patience } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { badDrivers, GOOD, GOOD_PACKAGE, MANIFEST, packageJson } from './bad-drivers.cases.ts'
import { cannotRun, until, useRt } from './rt.ts'

const FOLDER = '/var/lib/rt/drivers/net/bad'
/** Milliseconds that a driver has in these tests; many of these drivers take all of it. */
const env = { RT_DRIVER_TIMEOUT: String(patience(1_000)), RT_TEST_SLOW: process.env.RT_TEST_SLOW }

interface Listed {
  readonly name: string
  readonly problem?: { readonly code: string; readonly message: string }
}

describe.skipIf(cannotRun)('a driver that', { timeout: patience(90_000) }, () => {
  const rt = useRt()
  const put = async (files: Readonly<Record<string, string>>, after = ':'): Promise<void> => {
    await rt().host.sh(`rm -rf ${FOLDER}`)
    for (const [path, text] of Object.entries({ 'package.json': GOOD_PACKAGE, ...files }))
      await rt().host.write(`${FOLDER}/${path}`, text)
    await rt().host.sh(after, { env: { FOLDER } })
  }
  const RUN = ['run', '--rm', '--network=bad', 'busybox', 'echo', 'ran']

  it('is good runs, and passes', async () => {
    await put(GOOD)
    expect(await rt().out(RUN)).toBe('ran\n')
    const { code, stdout, stderr } = await rt().run(['drivers', 'verify', 'bad'], { env, timeout: 90_000 })
    expect({ code, stderr, rest: stdout.split('\n').filter((line) => !line.startsWith('ok')) }).toEqual({
      code: 0,
      stderr: '',
      rest: ['-     contract  not offered: publish, gc, reload, define, reset', ''],
    })
  })

  it.each(badDrivers)(
    '$title is named by run and by verify, leaves nothing behind and disturbs no other',
    async (bad) => {
      await put(bad.files, bad.after)
      const before = await rt().world.snapshot()
      if (bad.run) {
        const complaint = await rt().complaint(RUN, { env })
        expect(complaint.code, complaint.sentence).toBe(bad.run[0])
        expect(complaint.sentence).toMatch(bad.run[1])
      }
      const [code, said] = bad.verify ?? bad.run ?? []
      const verified = await rt().run(['drivers', 'verify', 'bad'], { env, timeout: 90_000 })
      expect(verified.code).not.toBe(0)
      expect(`${verified.stdout}${verified.stderr}`).toMatch(said as RegExp)
      if (code !== undefined && (bad.verify || verified.stdout === '')) expect(verified.stderr).toContain(`[${code}]`)
      await rt().world.expectNoLeaks(before)
      expect(await rt().out(['run', '--rm', '--network=none', 'busybox', 'echo', 'ran'])).toBe('ran\n')
      const listed = JSON.parse(await rt().out(['drivers', 'ls', '--json'])) as Listed[]
      expect(listed.filter(({ problem }) => problem).map(({ name }) => name)).toEqual(bad.seen ? ['bad'] : [])
      expect(listed.find(({ name }) => name === 'bad')?.problem?.code).toBe(bad.seen && bad.run?.[0])
      expect(listed.map(({ name }) => name)).toContain('bridge')
    },
  )

  it('cannot be used is told so by `drivers ls`, beside those that can', async () => {
    await put({ 'package.json': packageJson({ ...MANIFEST, apiVersion: 2 }), ...GOOD })
    const table = await rt().out(['drivers', 'ls'])
    expect(table).toMatch(/^AXIS +DRIVER +PACKAGE +FROM +CHOSEN BY +PROBLEM$/m)
    expect(table).toMatch(/^network +bad .* version 2 of the driver contract, .* \[RT_DRIVER_API\]$/m)
    expect(table).toMatch(/^network +bridge +\S+ +rt *\S* *$/m)
    await rt().host.sh(`rm -rf ${FOLDER}`)
    expect(await rt().out(['drivers', 'ls'])).not.toContain('PROBLEM')
  })

  it('never answers leaves nothing behind where `drivers verify` is killed', async () => {
    await put(badDrivers.find(({ title }) => title === 'never answers')?.files ?? {})
    const before = await rt().world.snapshot()
    const groups = async () => (await rt().host.sh('find -L /sys/fs/cgroup -name "rt-trial-*"')).trim()
    const verifying = rt().spawn(['drivers', 'verify', 'bad'], { env: { RT_DRIVER_TIMEOUT: '600000' } })
    await until('the trial has begun', async () => (await groups()) !== '')
    await verifying.kill('SIGKILL')
    await verifying.exit
    await until('its guard has cleaned up', async () => (await groups()) === '')
    await rt().world.expectNoLeaks(before)
  })
})
