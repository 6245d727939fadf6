import { existsSync, readFileSync } from 'node:fs'
import { isRtError, type Probe, type RtError } from '@rt/driver-api'
import { capture, observeLink } from '@rt/native'
import { formatIpv4 } from './address/ipv4.ts'
import { overlaps } from './address/subnet.ts'
import { chooseSubnet } from './choose-subnet.ts'
import { describeLink, hostRoutes } from './observe.ts'
import type { BridgeOptions } from './options.ts'

/** Only looks: makes no interface and no rule. */
export const probeBridge = (options: BridgeOptions): Probe => {
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
    for (const table of ['filter', 'nat']) capture('iptables', '-w', '-t', table, '-S')
    const found = observeLink(options.name)
    const link = found && describeLink(found)
    const { subnet, gateway } = chooseSubnet(options, link, hostRoutes)
    const conflict = hostRoutes().find(
      (route) => route.link !== options.name && route.to.prefix > 1 && overlaps(route.to, subnet),
    )
    const address = `${formatIpv4(gateway)}/${subnet.prefix}`
    if (conflict !== undefined) {
      return {
        ok: false,
        reason: `${options.name} has ${address}, whose addresses the host now routes by ${conflict.link ?? 'another route'} as well`,
        remedy: `Remove its containers, then the bridge with \`ip link del ${options.name}\`: rt makes it again with a free subnet.`,
      }
    }
    return { ok: true, detail: `${options.name} ${link === undefined ? 'will get' : 'has'} ${address}` }
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
