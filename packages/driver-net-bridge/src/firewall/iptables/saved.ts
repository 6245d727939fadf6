/** What `iptables-save` printed: rules, less `-A` and the chain, by table and chain. */
export interface SavedRules {
  /** The rules lie in nf_tables, so that its generation id counts every change of them. */
  readonly nft: boolean
  /** undefined: there is no such chain. */
  rules(table: string, chain: string): readonly string[] | undefined
  /** The names of a table's chains. */
  chains(table: string): readonly string[]
}

export const parseSaved = (text: string): SavedRules => {
  const tables = new Map<string, Map<string, string[]>>()
  let chains = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      chains = new Map()
      tables.set(line.slice(1), chains)
    } else if (line.startsWith(':')) chains.set(line.slice(1, line.indexOf(' ')), [])
    else if (line.startsWith('-A ')) {
      const end = line.indexOf(' ', 3)
      chains.get(line.slice(3, end))?.push(line.slice(end + 1))
    }
  }
  return {
    nft: text.includes('(nf_tables)'),
    rules: (table, chain) => tables.get(table)?.get(chain),
    chains: (table) => [...(tables.get(table)?.keys() ?? [])],
  }
}

/** Nothing at all. */
export const NOTHING: SavedRules = parseSaved('')
