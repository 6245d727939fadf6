import { existsSync, readFileSync } from 'node:fs'
import { isRtError, type Probe, type RtError } from '@rt/driver-api'
import { observeLink } from '@rt/native'
import { formatSubnet, overlaps } from '../address/subnet.ts'
import { bridgeAddresses } from '../bridge-steps.ts'
import { chooseSubnet } from '../choose-subnet.ts'
import { isClaim } from '../host-routes.ts'
import { noIpv6 } from '../no-ipv6.ts'
import { describeLink, hasIpv6, hostRoutes } from '../observe.ts'
import { ownSettings } from '../settings.ts'
import type { BridgeDriver } from './bridge-driver.ts'
import { activeFirewalls, bypassAdvice } from './other-firewalls.ts'

/** Only looks: makes no interface and no rule. */
export const probeBridge = ({ options, firewall }: BridgeDriver): Probe => {
  for (const module of ['bridge', 'veth']) {
    if (kernelHas(module) === false) {
      return {
        ok: false,
        reason: `this kernel has no ${module} interfaces`,
        remedy: `Load the module with \`modprobe ${module}\`, or install the kernel's extra modules.`,
      }
    }
  }
  try {
    const rules = firewall.probe()
    if (!rules.ok) return rules
    const settings = ownSettings(options)
    if (settings.ipv6 && !hasIpv6()) throw noIpv6(settings)
    const found = observeLink(options.name)
    const link = found && describeLink(found)
    const routes = hostRoutes()
    const network = chooseSubnet(settings, link, () => routes)
    const addresses = bridgeAddresses(network).join(' and ')
    const conflict = routes.v4.find((route) => isClaim(route, options.name) && overlaps(route.to, network.subnet))
    if (conflict !== undefined) {
      return {
        ok: false,
        reason: `${options.name} has ${addresses}, of which the host now routes ${formatSubnet(conflict.to)} by ${conflict.link ?? 'another route'} as well`,
        remedy: `Remove its containers, then the bridge with \`ip link del ${options.name}\`: rt makes it again with a free subnet.`,
      }
    }
    const advice = bypassAdvice(activeFirewalls(), options.publishAddress) ?? rules.advice
    return {
      ok: true,
      detail: `${options.name} ${link === undefined ? 'will get' : 'has'} ${addresses}`,
      ...(advice !== undefined && { advice }),
    }
  } catch (error) {
    if (!isRtError(error)) throw error
    const { message, remedy } = error as RtError
    return { ok: false, reason: message.replace(/\.$/, ''), remedy }
  }
}

/** Whether the kernel has a module, loaded, built in, or ready to be loaded; undefined: this host does not say. */
const kernelHas = (module: string): boolean | undefined => {
  if (existsSync(`/sys/module/${module}`)) return true
  const modules = `/lib/modules/${process.getBuiltinModule('node:os').release()}`
  if (!existsSync(`${modules}/modules.dep`)) return undefined
  const listed = ['modules.dep', 'modules.builtin']
    .filter((file) => existsSync(`${modules}/${file}`))
    .map((file) => readFileSync(`${modules}/${file}`, 'utf8'))
  return listed.some((text) => text.includes(`/${module}.ko`))
}
