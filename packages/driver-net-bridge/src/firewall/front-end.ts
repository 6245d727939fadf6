import { realpathSync } from 'node:fs'
import { findProgram } from '@rt/native'

let known: boolean | undefined

/**
 * Whether this machine's iptables keeps its rules in nf_tables, whose generation counts their changes: the program is one of several names
 * of xtables-nft-multi then.
 */
export const isNftFrontEnd = (): boolean => {
  if (known === undefined) {
    const path = findProgram('iptables-restore')
    known = path !== undefined && realpathSync(path).includes('nft')
  }
  return known
}
