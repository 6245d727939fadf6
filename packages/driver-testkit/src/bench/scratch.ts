import { readdirSync, readFileSync, statSync } from 'node:fs'
import { findProgram, observeNetwork } from '@rt/native'
import { program } from '@rt/native/throwaway'

/** Everything that a driver could leave behind on the throwaway host, a line each. */
export const hostState = async (): Promise<string[]> => {
  const { links, addresses, routes } = observeNetwork()
  return [
    ...links.map(
      ({ name, kind, mtu, up, master }) => `link ${name} ${kind ?? ''} mtu ${mtu} up ${up} of ${master ?? '-'}`,
    ),
    ...addresses
      .filter(({ address }) => !/^fe80:/i.test(address))
      .map(({ link, address }) => `address ${address} on ${link}`),
    ...routes
      .filter(({ table, to }) => table === 254 && !/^(fe80|ff00):/i.test(to))
      .map(({ to, via, link }) => `route ${to} via ${via ?? '-'} on ${link}`),
    ...(await firewall()),
    ...forwarding(),
    ...mounts(),
    ...files('/run').map((path) => `file ${path}`),
    ...cgroups(),
    ...processes(),
  ].sort()
}

const firewall = async (): Promise<string[]> => {
  const rules: string[] = []
  for (const name of ['iptables-save', 'ip6tables-save']) {
    const path = findProgram(name)
    if (path === undefined) continue
    const { stdout } = await program([path])
    rules.push(
      ...stdout.split('\n').filter((line) => /^(-A|:(?!PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING))/.test(line)),
    )
  }
  return rules.map((line) => `rule ${line.replace(/ \[\d+:\d+\]$/, '')}`)
}

const forwarding = (): string[] =>
  ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding'].flatMap((key) => {
    try {
      return `sysctl ${key} ${readFileSync(`/proc/sys/${key}`, 'utf8').trim()}`
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  })

const mounts = (): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .trim()
    .split('\n')
    .map((line) => `mount ${line.split(' ').slice(0, 3).join(' ')}`)

/** Lock files stay, as those of iptables do: they say nothing. */
export const files = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`
    // mount(8) keeps notes of its own there.
    if (path === '/run/mount') return []
    if (entry.isDirectory()) return [`${path}/`, ...files(path)]
    return /lock$/.test(path) || !isThere(path) ? [] : [path]
  })

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined

/** All that there are, in a namespace of their own. */
const cgroups = (): string[] => groupsBelow('/sys/fs/cgroup').map((path) => `cgroup ${path}`)

const groupsBelow = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [`${path}/${entry.name}`, ...groupsBelow(`${path}/${entry.name}`)] : [],
  )

/** In this pid namespace there is only what the trial has started. */
const processes = (): string[] =>
  readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
      return words === '' ? [] : [`process ${words}`]
    } catch (error) {
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
      throw error
    }
  })

/**
 * Fails when the host is not as it was. Waits a moment for what the kernel takes apart in the background.
 *
 * @param after completes "after ..., these are different"
 */
export const expectSame = async (before: readonly string[], after: string, allowed = /^$/): Promise<void> => {
  const deadline = Date.now() + 3_000 * slow()
  for (;;) {
    const now = await hostState()
    const found = [...minus(now, before).map((line) => `+ ${line}`), ...minus(before, now).map((line) => `- ${line}`)]
    // Cables of containers that had just ended may have been there still when `before` was looked at, with all that was on them.
    const cables = found.flatMap((line) => /^- link (\S+) veth /.exec(line)?.[1] ?? [])
    const isCable = (line: string): boolean => {
      const [, link = ''] = /^- (?:link|address|route) (?:.* on )?(\S*)/.exec(line) ?? []
      return /^- (link|address|route) /.test(line) && (cables.includes(link) || link === '' || link === 'undefined')
    }
    const wrong = found.filter((line) => !allowed.test(line.slice(2)) && !isCable(line))
    if (wrong.length === 0) return
    if (Date.now() > deadline) throw new Error(`${after}, the host is not as it was: ${wrong.join('; ')}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

const minus = (lines: readonly string[], others: readonly string[]): string[] =>
  lines.filter((line) => !others.includes(line))

/** A machine that is so many times slower than usual may take so many times longer. */
export const slow = (): number => Number(process.env.RT_TEST_SLOW ?? 1)
