/** What `iptables-save` printed: rules, less `-A` and the chain, by table and chain. */
export interface SavedRules {
  /** The rules lie in nf_tables, so that its generation id counts every change of them. */
  readonly nft: boolean
  /** undefined: there is no such chain. */
  rules(table: string, chain: string): readonly string[] | undefined
  /** Of a built-in chain: what becomes of a packet that no rule has decided about. */
  policy(table: string, chain: string): string | undefined
  /** The names of a table's chains. */
  chains(table: string): readonly string[]
}

export const parseSaved = (text: string): SavedRules => {
  const tables = new Map<string, Map<string, string[]>>()
  const policies = new Map<string, string>()
  let table = ''
  let chains = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      chains = new Map()
      table = line.slice(1)
      tables.set(table, chains)
    } else if (line.startsWith(':')) {
      const [chain = '', policy = ''] = line.slice(1).split(' ')
      chains.set(chain, [])
      policies.set(`${table} ${chain}`, policy)
    } else if (line.startsWith('-A ')) {
      const end = line.indexOf(' ', 3)
      chains.get(line.slice(3, end))?.push(line.slice(end + 1))
    }
  }
  return {
    nft: text.includes('(nf_tables)'),
    rules: (of, chain) => tables.get(of)?.get(chain),
    policy: (of, chain) => policies.get(`${of} ${chain}`),
    chains: (of) => [...(tables.get(of)?.keys() ?? [])],
  }
}

/** Nothing at all. */
export const NOTHING: SavedRules = parseSaved('')
