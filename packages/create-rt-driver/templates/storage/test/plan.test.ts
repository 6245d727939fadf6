import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import Driver from '../dist/index.js'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-driver-'))
  mkdirSync(`${directory}/top`)
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('the plans of {{name}}', () => {
  const prepare = () =>
    new Driver({ root: directory, runRoot: '/run/rt', options: {} }).prepare({
      container: { id: 'a'.repeat(64), name: 'one', hostname: 'one' },
      layers: [`${directory}/top`, `${directory}/bottom`],
      directory,
      rootMountPoint: '/run/rt/rootfs',
    })

  it('copy the lowest layer first, and mount the copy', async () => {
    const { enter, mounts } = await prepare()
    expect(enter.filter(({ op }) => op === 'tree.copy')).toMatchObject([
      { from: `${directory}/bottom` },
      { from: `${directory}/top`, over: true },
    ])
    expect(mounts).toMatchObject([{ source: `${directory}/rootfs`, target: '/run/rt/rootfs' }])
  })

  it('copy nothing over what a container has written', async () => {
    writeFileSync(`${directory}/rootfs.complete`, '')
    expect((await prepare()).enter).toEqual([])
  })
})
