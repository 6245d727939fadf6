import { execFileSync } from 'node:child_process'
import { nftRules } from '../../src/index.ts'

const iptables = (...args: string[]) => execFileSync('iptables', ['-w', ...args])

const ours = { family: 'ip', table: 'filter', chain: 'OURS' } as const
const jump = { family: 'ip', table: 'filter', chain: 'FORWARD', jumpTo: 'OURS' } as const
const look = () => nftRules([ours, jump])

const nothing = look()
iptables('-N', 'OURS')
iptables('-A', 'OURS', '-o', 'br0', '-m', 'conntrack', '--ctstate', 'ESTABLISHED', '-j', 'ACCEPT')
iptables('-A', 'OURS', '-i', 'br0', '-j', 'ACCEPT')
iptables('-A', 'FORWARD', '-j', 'OURS')
const made = look()
iptables('-N', 'OURS2')
iptables('-I', 'FORWARD', '-j', 'OURS2')
iptables('-A', 'OURS2', '-j', 'DROP')
const beside = look()
iptables('-R', 'OURS', '2', '-i', 'br1', '-j', 'ACCEPT')
const replaced = look()
iptables('-D', 'FORWARD', '-j', 'OURS')
const unplugged = look()
iptables('-F', 'OURS')
process.stdout.write(`${JSON.stringify({ nothing, made, beside, replaced, unplugged, flushed: look() })}\n`)
