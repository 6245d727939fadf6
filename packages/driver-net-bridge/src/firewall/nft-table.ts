/** All that rt has in nftables, and the chain in it that is the user's. */
export const TABLE = 'rt-bridge'
export const USER = 'RT-USER'
