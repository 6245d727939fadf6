/** What `iptables-save` printed: rules, less `-A` and the chain, by table and chain. */
export interface SavedRules {
  /** The rules lie in nf_tables, so that its generation id counts every change of them. */
  readonly nft: boolean
  rules(table: string, chain: string): readonly string[] | undefined
}

export const parseSaved = (text: string): SavedRules => {
  const chains = new Map<string, string[]>()
  let table = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    else if (line.startsWith(':')) chains.set(`${table} ${line.slice(1).split(' ')[0]}`, [])
    else if (line.startsWith('-A ')) {
      const end = line.indexOf(' ', 3)
      chains.get(`${table} ${line.slice(3, end)}`)?.push(line.slice(end + 1))
    }
  }
  return { nft: text.includes('(nf_tables)'), rules: (of, chain) => chains.get(`${of} ${chain}`) }
}
