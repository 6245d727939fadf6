import { spawnSync } from 'node:child_process'
import type { HostStep } from '@rt/driver-api'
import { toShell } from '../../src/explain/index.ts'
import { hasLocalRoute, observeLink, performSteps } from '../../src/index.ts'

const why = 'test'
const sh = (command: string): string =>
  spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', command], { encoding: 'utf8' }).stdout.trim()
const route = (link: string): HostStep => ({
  ...{ op: 'route.add', where: 'host', to: '::1/128', link, type: 'local', metric: 2048, why },
})
const routes = (): string[] =>
  sh('ip -6 route show table local')
    .split('\n')
    .filter((line) => line.includes('::1 dev'))
    .map((line) => line.replace(/ (proto|pref) .*/, '').trim())
    .sort()

sh('ip link set lo up; for b in b1 b2 b3; do ip link add $b type bridge; ip link set $b up; done')
const before = hasLocalRoute('::1', 'b1')
// Twice: one that is there is no error.
performSteps([route('b1'), route('b1')])
performSteps([route('b2')])
performSteps([route('b2')])
const shell = [...toShell(route('b3')), ...toShell(route('b3')), ...toShell(route('b2')), 'echo done'].join('\n')
const result = {
  before,
  made: ['lo', 'b1', 'b2', 'b3', 'nothing'].map((link) => hasLocalRoute('::1', link)),
  shell: sh(shell),
  routes: routes(),
  used: sh('ip -6 route get ::1'),
  quiet: observeLink('b1')?.callsIp6tables ?? null,
  calls: sh('ip link set b1 type bridge nf_call_ip6tables 1') === '' && observeLink('b1')?.callsIp6tables,
  gone: sh('ip link del b1; ip link del b2; ip link del b3') === '' && routes(),
}
console.log(JSON.stringify(result))
