// Numbers of linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h: part of the kernel's stable interface.
export const NETLINK_ROUTE = 0
export const NETLINK_NETFILTER = 12

export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3

export const NLM_F_REQUEST = 0x1
export const NLM_F_ACK = 0x4
export const NLM_F_DUMP_INTR = 0x10
export const NLM_F_CAPPED = 0x100
export const NLM_F_ACK_TLVS = 0x200
/** For requests that get. */
export const NLM_F_DUMP = 0x300
/** For requests that create. */
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_APPEND = 0x800

export const RTNLGRP_LINK = 1
export const IF_OPER_UP = 6

export const RTM_NEWLINK = 16
export const RTM_DELLINK = 17
export const RTM_GETLINK = 18
export const RTM_SETLINK = 19
export const RTM_NEWADDR = 20
export const RTM_GETADDR = 22
export const RTM_NEWROUTE = 24
export const RTM_GETROUTE = 26

export const IFLA_ADDRESS = 1
export const IFLA_IFNAME = 3
export const IFLA_MTU = 4
export const IFLA_LINK = 5
export const IFLA_MASTER = 10
export const IFLA_OPERSTATE = 16
export const IFLA_LINKINFO = 18
export const IFLA_IFALIAS = 20
export const IFLA_NET_NS_FD = 28
export const IFLA_EXT_MASK = 29
export const IFLA_INFO_KIND = 1
export const IFLA_INFO_DATA = 2
export const IFLA_INFO_SLAVE_KIND = 4
export const IFLA_INFO_SLAVE_DATA = 5
export const IFLA_BRPORT_MODE = 4
export const IFLA_BR_NF_CALL_IP6TABLES = 37
export const VETH_INFO_PEER = 1
export const IFLA_MACVLAN_MODE = 1
export const IFLA_IPVLAN_MODE = 1
export const RTEXT_FILTER_SKIP_STATS = 8

export const IFA_ADDRESS = 1
export const IFA_LOCAL = 2

export const RTA_DST = 1
export const RTA_OIF = 4
export const RTA_GATEWAY = 5
export const RTA_PRIORITY = 6
export const RTA_MULTIPATH = 9
export const RTA_TABLE = 15

export const RT_TABLE_MAIN = 254
export const RT_TABLE_LOCAL = 255

export const AF_INET = 2
export const AF_INET6 = 10
