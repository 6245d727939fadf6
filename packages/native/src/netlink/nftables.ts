import { NETLINK_NETFILTER } from './constants.ts'
import { NetlinkSocket } from './socket.ts'
import { getMap, getU32be } from './structures.ts'

const NFT_MSG_GETGEN = (10 << 8) | 16
const NFTA_GEN_ID = 1
const NFGENMSG_LENGTH = 4

/**
 * The generation of the nf_tables rules of this network namespace: another number after every change by anybody (nft, iptables-nft,
 * firewalld), so the same number means that nobody touched a rule. It starts again at boot. undefined: this kernel
 * has no nf_tables. The rules of iptables-legacy are not counted.
 */
export const nftGeneration = (): number | undefined => {
  const socket = new NetlinkSocket(NETLINK_NETFILTER)
  try {
    const [outcome] = socket.exchange([{ type: NFT_MSG_GETGEN, flags: 0, body: [Buffer.alloc(NFGENMSG_LENGTH)] }])
    const [reply] = outcome?.replies ?? []
    if (reply === undefined) return undefined
    const id = getMap(reply.subarray(NFGENMSG_LENGTH), (data) => data).get(NFTA_GEN_ID)
    return id === undefined ? undefined : getU32be(id)
  } finally {
    socket.close()
  }
}
