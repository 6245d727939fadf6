/** An IPv4 address as a number from 0 to 2^32-1; undefined: not one. Four decimal parts, as inet_pton(3) wants them. */
export const parseIpv4 = (text: string): number | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0
  for (const part of parts) {
    // A leading zero means octal to some programs and decimal to others.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    address = address * 256 + Number(part)
  }
  return address
}

export const formatIpv4 = (address: number): string =>
  [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.')

/** The address in eight hexadecimal digits. */
export const hexIpv4 = (address: number): string => address.toString(16).padStart(8, '0')
