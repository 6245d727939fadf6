import { spawnSync } from 'node:child_process'
import type { Running } from '@rt/test-world'
import { type Rt, until } from './rt.ts'

/** Why suites with a registry cannot run here. */
export const noRegistry =
  spawnSync('docker-registry', ['--version']).error === undefined ? undefined : 'docker-registry is not installed'

/** Debian's registry on the world's loopback; whoever starts it stops it. `more`: further sections of its config. */
export const serveRegistry = async (rt: Rt, host: string, more = ''): Promise<Running> => {
  const port = host.replace(/.*:/, '')
  const file = `/root/${host}.yml`
  await rt.host.write(
    file,
    `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: /tmp/registry-${port}}}
http: {addr: '${host}'}
${more}
`,
  )
  const server = rt.host.spawn(['docker-registry', 'serve', file], { env: { OTEL_TRACES_EXPORTER: 'none' } })
  await until(
    'the registry listens',
    async () => (await rt.host.sh(`ss -Hltn 'sport = :${port}' | wc -l`)).trim() === '1',
    30_000,
  )
  return server
}

/** bcrypt of `secret`. */
const HTPASSWD = 'ann:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n'

/** The section of a registry that lets in `ann` with the password `secret`, and nobody else. */
export const withPassword = async (rt: Rt): Promise<string> => {
  await rt.host.write('/root/htpasswd', HTPASSWD)
  return 'auth: {htpasswd: {realm: test, path: /root/htpasswd}}'
}
