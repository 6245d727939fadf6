import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import Driver from '../dist/index.js'

const container = (name: string) => ({ id: name.padEnd(64, '0'), name, hostname: name })
let runRoot = ''

beforeEach(() => {
  runRoot = mkdtempSync(join(tmpdir(), 'rt-driver-'))
})
afterEach(() => rmSync(runRoot, { recursive: true }))

describe('the plans of {{name}}', () => {
  const driver = (options = {}) => new Driver({ root: '/var/lib/rt', runRoot, options })

  it('give every container a cable and addresses of its own', async () => {
    const [one, other] = [
      await driver().setup({ container: container('one'), dns: [] }),
      await driver().setup({ container: container('other'), dns: [] }),
    ]
    expect(one.attachment.interfaces).toMatchObject([{ name: 'eth0', addresses: ['10.199.0.2/30'], mtu: 1500 }])
    expect(other.attachment.interfaces).toMatchObject([{ addresses: ['10.199.0.6/30'] }])
  })

  it('have the MTU of the config', async () => {
    const plan = await driver({ mtu: 1400 }).setup({ container: container('one'), dns: [] })
    expect(plan.enter).toContainEqual(expect.objectContaining({ op: 'link.add', mtu: 1400 }))
  })

  it('free the lease of a container that does not live', async () => {
    const plan = await driver().setup({ container: container('one'), dns: [] })
    expect(await driver().gc(new Set([container('one').id]))).toEqual([])
    expect(await driver().gc(new Set())).toEqual(plan.leave.slice(-1))
  })
})
