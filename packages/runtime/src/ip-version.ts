const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)

/**
 * 4 or 6; undefined: it is no address. Without node:net, which has the same and brings all of Node's sockets along: 9 ms. An IPv6 address has no
 * zone behind it.
 */
export const ipVersion = (text: string): 4 | 6 | undefined => {
  if (IPV4.test(text)) return 4
  return /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`) ? 6 : undefined
}
