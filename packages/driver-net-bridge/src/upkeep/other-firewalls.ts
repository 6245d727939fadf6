import { existsSync, readFileSync } from 'node:fs'

/** Programs that keep a host closed, and believe that they decide alone. By their own files: to ask them would take half a second. */
export const activeFirewalls = (root = '/'): readonly string[] => [
  ...(existsSync(`${root}etc/ufw/ufw.conf`) && /^ENABLED=yes$/im.test(readFileSync(`${root}etc/ufw/ufw.conf`, 'utf8'))
    ? ['ufw']
    : []),
  ...(existsSync(`${root}run/firewalld.pid`) || existsSync(`${root}run/firewalld/firewalld.pid`) ? ['firewalld'] : []),
]

/**
 * Published ports are redirected to the container before the host's own rules for incoming packets are asked (moby #22054): who relies
 * on those should know. undefined: there is nothing to say.
 */
export const bypassAdvice = (active: readonly string[], publishAddress: string | undefined): string | undefined => {
  if (active.length === 0 || publishAddress?.startsWith('127.') || publishAddress === '::1') return undefined
  const reload = active.includes('firewalld') ? ' After a reload of firewalld run `rt network reload`.' : ''
  return (
    `${active.join(' and ')} ${active.length > 1 ? 'do' : 'does'} not see published ports: they are forwarded, not received. Set network.bridge.publishAddress to 127.0.0.1 ` +
    `to keep them on this host, or put rules of your own into the chain RT-USER.${reload}`
  )
}
