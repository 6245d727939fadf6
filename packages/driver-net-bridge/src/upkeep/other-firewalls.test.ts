import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { activeFirewalls, bypassAdvice } from './other-firewalls.ts'

let root: string
beforeEach(() => {
  root = `${mkdtempSync(`${tmpdir()}/rt-test-`)}/`
})
afterEach(() => rmSync(root, { recursive: true }))

const put = (path: string, content: string): void => {
  mkdirSync(dirname(root + path), { recursive: true })
  writeFileSync(root + path, content)
}

describe("a host's own firewall", () => {
  it('is not there on most hosts, or switched off', () => {
    expect(activeFirewalls(root)).toEqual([])
    put('etc/ufw/ufw.conf', '# ENABLED=yes\nENABLED=no\nLOGLEVEL=low\n')
    expect(activeFirewalls(root)).toEqual([])
  })

  it('is found by its files', () => {
    put('etc/ufw/ufw.conf', '# comment\nENABLED=yes\nLOGLEVEL=low\n')
    expect(activeFirewalls(root)).toEqual(['ufw'])
    put('run/firewalld.pid', '7\n')
    expect(activeFirewalls(root)).toEqual(['ufw', 'firewalld'])
  })

  it.each([
    [['ufw'], undefined, /^ufw does not see published ports.*network\.bridge\.publishAddress.*RT-USER\.$/],
    [['firewalld'], '192.0.2.1', /^firewalld .*After a reload of firewalld run `rt network reload`\.$/],
    [['ufw', 'firewalld'], '0.0.0.0', /^ufw and firewalld do not see/],
  ] as const)('%j with publishAddress %s is worth a word', (active, address, words) => {
    expect(bypassAdvice(active, address)).toMatch(words)
  })

  it.each([
    [[], undefined],
    [['ufw'], '127.0.0.1'],
    [['ufw'], '::1'],
  ] as const)('%j with publishAddress %s is not', (active, address) => {
    expect(bypassAdvice(active, address)).toBeUndefined()
  })
})
