import type { NetworkInterface } from '@rt/driver-api'
import { type Netns, observeNetwork } from '@rt/native'
import { ensure } from '../check.ts'

/** What a namespace has, without what the kernel adds by itself in its own time (link-local addresses and their routes). */
export const observed = (netns: Netns) => {
  const { links, addresses, routes } = observeNetwork(netns.socket)
  return {
    links: links.map(({ name, mac, mtu, up }) => ({ name, mac, mtu, up })).sort(byName),
    addresses: addresses
      .filter(({ address }) => !/^fe80:/i.test(address))
      .map(({ link, address }) => `${link} ${address}`)
      .sort(),
    gateways: routes.flatMap(({ to, via, link }) => (to === 'default' ? [`${link} ${via ?? '-'}`] : [])).sort(),
  }
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)

/** Fails unless it is there as the plan says. */
export const ensureInterface = (
  wanted: NetworkInterface,
  { links, addresses, gateways }: ReturnType<typeof observed>,
): void => {
  const link = links.find(({ name }) => name === wanted.name)
  ensure(link !== undefined, `there is no ${wanted.name} inside, which the plan names`)
  ensure(link?.up === true, `${wanted.name} is down`)
  ensure(link?.mtu === wanted.mtu, `${wanted.name} has the MTU ${link?.mtu}, and the plan says ${wanted.mtu}`)
  ensure(
    link?.mac.toLowerCase() === wanted.mac.toLowerCase(),
    `${wanted.name} has the MAC ${link?.mac}, and the plan says ${wanted.mac}`,
  )
  for (const address of wanted.addresses)
    ensure(
      addresses.includes(`${wanted.name} ${address}`),
      `${wanted.name} has not the address ${address}, which the plan names`,
    )
  for (const gateway of [wanted.gateway, wanted.gateway6])
    if (gateway !== undefined)
      ensure(
        gateways.includes(`${wanted.name} ${gateway}`),
        `there is no default route by ${gateway}, which the plan names`,
      )
}
