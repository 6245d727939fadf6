import { parseIpv4 } from './ipv4.ts'

/** An IPv6 address as a number from 0 to 2^128-1; undefined: not one. As inet_pton(3) wants it; no zone (`%eth0`). */
export const parseIpv6 = (text: string): bigint | undefined => {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupsOf)))
  const given = (head?.length ?? 0) + (tail?.length ?? 0)
  if (tail === undefined ? given !== 8 : given > 7) return undefined
  const groups = [...(head ?? []), ...new Array<number>(8 - given).fill(0), ...(tail ?? [])]
  if (groups.some(Number.isNaN)) return undefined
  return groups.reduce((address, group) => (address << 16n) | BigInt(group), 0n)
}

/** One group, or two where it is written as IPv4 (`::ffff:10.0.0.1`). */
const groupsOf = (part: string): number[] => {
  const four = part.includes('.') ? parseIpv4(part) : undefined
  if (four !== undefined) return [Math.floor(four / 65536), four % 65536]
  return [/^[\da-f]{1,4}$/i.test(part) ? Number.parseInt(part, 16) : Number.NaN]
}

/** In the canonical form of RFC 5952: lower case, the longest run of zeros (the first of equals) as `::`. */
export const formatIpv6 = (address: bigint): string => {
  const groups = Array.from({ length: 8 }, (_, index) => ((address >> BigInt(112 - index * 16)) & 0xffffn).toString(16))
  let [start, length] = [0, 1]
  for (let from = 0; from < 8; from++) {
    let to = from
    while (groups[to] === '0') to++
    if (to - from > length) [start, length] = [from, to - from]
  }
  if (length === 1) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}
