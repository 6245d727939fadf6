/**
 * Lines of bash that list what a network namespace and a mount namespace hold, each part after a `@NAME` line; shared by the snapshots of
 * a world and of the machine. The shell's own words where they do: most of a snapshot's time is spent on starting programs.
 */
export const LIST_KERNEL_STATE = `
echo @links; ip -j -d address show
echo @routes; ip route show table all
echo @rules; ip rule show
echo @iptables; iptables-save 2>/dev/null || :
echo @ip6tables; ip6tables-save 2>/dev/null || :
echo @mounts; mapfile mounts </proc/self/mountinfo; printf %s "\${mounts[@]}"
echo @namespaces; for name in /run/netns/*; do [ ! -e "$name" ] || echo "\${name#/run/netns/}"; done
`

/** Parts of the output of such a script, cleaned of counters, indices and times that change by themselves. */
export function parseListing(text: string): Record<string, string[]> {
  const parts: Record<string, string[]> = {}
  for (const part of text.split(/^@/m).slice(1)) {
    const [name = '', ...lines] = part.split('\n')
    const clean = CLEANERS[name] ?? ((all: string[]) => all)
    const all = lines.filter(Boolean)
    if (name === 'links') parts.addresses = links(all).flatMap(describeAddresses)
    parts[name] = clean(all)
  }
  return parts
}

const CLEANERS: Readonly<Record<string, (lines: string[]) => string[]>> = {
  links: (lines) => links(lines).map(describeLink),
  routes: (lines) => lines.map((line) => line.replace(/ (linkdown|dead|pref medium|expires \S+)/g, '').trim()),
  iptables: firewall,
  ip6tables: firewall,
  mounts: (lines) => lines.map((line) => line.split(' ').slice(3).join(' ')),
}

interface Link {
  readonly ifname?: string
  readonly mtu?: number
  readonly address?: string
  readonly master?: string
  readonly flags?: readonly string[]
  readonly ifalias?: string
  readonly linkinfo?: { readonly info_kind?: string }
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[]
}

function links(lines: string[]): Link[] {
  const all: Link[] = JSON.parse(lines.join('') || '[]')
  return all.filter((link) => link.ifname !== undefined)
}

function describeLink(link: Link): string {
  const up = link.flags?.includes('UP') ? 'up' : 'down'
  const kind = link.linkinfo?.info_kind ?? 'device'
  const master = link.master ? ` master ${link.master}` : ''
  const alias = link.ifalias ? ` alias ${link.ifalias}` : ''
  return `${link.ifname} ${kind} ${up} mtu ${link.mtu} ${link.address}${master}${alias}`
}

/** Link-local addresses of IPv6 come by themselves, some time after a link is up. */
function describeAddresses(link: Link): string[] {
  const addresses = (link.addr_info ?? []).filter(({ local }) => !local.startsWith('fe80:'))
  return addresses.map(({ local, prefixlen }) => `${link.ifname} ${local}/${prefixlen}`)
}

/** A table that somebody only looked at has built-in chains that accept everything: as good as no table. */
function firewall(lines: string[]): string[] {
  const builtIn = /^:(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) ACCEPT/
  let table = ''
  return lines.flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1)
    if (!/^(-A|:)/.test(line) || builtIn.test(line)) return []
    return [`${table} ${line.replace(/ \[\d+:\d+\]/, '')}`]
  })
}
