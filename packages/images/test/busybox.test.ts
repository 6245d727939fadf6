import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { buildBusybox } from '../src/busybox/build.ts'
import { isStaticElf } from '../src/busybox/elf.ts'
import { ensureBusybox, ImageStore, isBusybox } from '../src/index.ts'
import { contents, expectEmpty, spawnScript, useStore } from './store.ts'

const world = useStore()

it('is built once, and runs', async () => {
  const first = await ensureBusybox(world.store)
  expect(first.built).toBe(true)
  const again = await ensureBusybox(world.store)
  expect(again).toEqual({ image: first.image, built: false })
  const root = first.image.layers[0]
  expect(
    execFileSync('chroot', [root, 'sh', '-c', 'id -un; pwd; ls -d /tmp'], {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/bin' },
    }),
  ).toBe('root\n/\n/tmp\n')
  expect(lstatSync(join(root, 'tmp')).mode & 0o7777).toBe(0o1777)
  expect(statSync(root).mode & 0o7777).toBe(0o755)
  expect(existsSync(join(root, 'usr/bin/env'))).toBe(true)
  expect(first.image.config.config).toMatchObject({ Cmd: ['sh'], Env: [expect.stringMatching(/^PATH=/)] })
  expect(contents(world.store).tmp).toEqual([])
})

it('is the same image on every machine with the same program', async () => {
  const other = new ImageStore(join(world.directory, 'other'))
  expect((await ensureBusybox(other)).image.id).toBe((await ensureBusybox(world.store)).image.id)
})

it('two processes at once both get it', async () => {
  const script = `import { ensureBusybox, ImageStore, isBusybox } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
    console.log((await ensureBusybox(new ImageStore(process.argv[1]))).image.id)`
  const run = (): Promise<string> => {
    const child = spawnScript(script, join(world.directory, 'data'))
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data))
    return new Promise((resolve) => child.on('close', (code) => resolve(`${code} ${text}`)))
  }
  const results = await Promise.all([run(), run()])
  const { id } = world.store.require('busybox')
  expect(results).toEqual([`0 ${id}\n`, `0 ${id}\n`])
  expect(contents(world.store)).toMatchObject({ tmp: [], configs: { length: 1 }, layers: { length: 2 } })
})

it('says what to do where there is no static busybox', async () => {
  await expect(buildBusybox(world.store.layout, ['/bin/true', '/no/such/file', '/bin'])).rejects.toThrow(
    expect.objectContaining({ code: 'RT_IMAGE_UNKNOWN', remedy: expect.stringContaining('busybox-static') }),
  )
  expectEmpty(world.store)
})

it('tells static programs from others', () => {
  expect(isStaticElf(readFileSync('/bin/busybox'))).toBe(true)
  expect(isStaticElf(readFileSync('/bin/true'))).toBe(false)
  expect(isStaticElf(Buffer.from('#!/bin/sh\n'.padEnd(100)))).toBe(false)
  expect(isStaticElf(readFileSync('/bin/busybox').subarray(0, 100))).toBe(false)
})

it('knows its name in every form', () => {
  for (const text of ['busybox', 'busybox:latest', 'docker.io/library/busybox']) expect(isBusybox(text)).toBe(true)
  for (const text of ['busybox:1', 'team/busybox', 'busybox2']) expect(isBusybox(text)).toBe(false)
})
