import { RtError } from '@rt/driver-api'
import { AF_INET, AF_INET6 } from './constants.ts'

/** An IP address or network as rtnetlink wants it. */
export interface Prefix {
  readonly family: number
  /** 4 or 16, big endian. */
  readonly bytes: Buffer
  readonly length: number
}

/** `172.16.0.1/16`, `fd00::1/64`; without a length the whole address. Errors: RT_INTERNAL, since drivers check what users give. */
export const parsePrefix = (text: string): Prefix => {
  const [address = '', length] = text.split('/')
  const bytes = address.includes(':') ? parseIPv6(address) : parseIPv4(address)
  const bits = bytes === undefined ? 0 : bytes.length * 8
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  if (bytes === undefined || !(prefix <= bits)) throw new RtError('RT_INTERNAL', `"${text}" is not an IP address.`)
  return { family: bytes.length === 4 ? AF_INET : AF_INET6, bytes, length: prefix }
}

const parseIPv4 = (text: string): Buffer | undefined => {
  const parts = text.split('.')
  const valid = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
  return valid ? Buffer.from(parts.map(Number)) : undefined
}

const parseIPv6 = (text: string): Buffer | undefined => {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupsOf)))
  const missing = 8 - (head?.length ?? 0) - (tail?.length ?? 0)
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...(head ?? []), ...new Array<number>(missing).fill(0), ...(tail ?? [])]
  if (groups.some(Number.isNaN)) return undefined
  const bytes = Buffer.alloc(16)
  for (const [index, group] of groups.entries()) bytes.writeUInt16BE(group, index * 2)
  return bytes
}

/** One group, or two where it is written as IPv4 (`::ffff:10.0.0.1`). */
const groupsOf = (part: string): number[] => {
  if (part.includes('.')) {
    const four = parseIPv4(part)
    return four === undefined ? [Number.NaN] : [four.readUInt16BE(0), four.readUInt16BE(2)]
  }
  return [/^[\da-f]{1,4}$/i.test(part) ? Number.parseInt(part, 16) : Number.NaN]
}

/** 4 or 16 bytes as text; IPv6 in the canonical form of RFC 5952. */
export const formatAddress = (bytes: Uint8Array): string => {
  if (bytes.length === 4) return bytes.join('.')
  const view = Buffer.from(bytes)
  const groups = Array.from({ length: 8 }, (_, index) => view.readUInt16BE(index * 2).toString(16)).join(':')
  const zeros = (groups.match(/\b0(:0\b)+/g) ?? []).reduce(
    (longest, run) => (run.length > longest.length ? run : longest),
    '',
  )
  if (zeros === '') return groups
  const at = groups.search(new RegExp(`\\b${zeros}\\b`))
  return `${groups.slice(0, at).replace(/:$/, '')}::${groups.slice(at + zeros.length).replace(/^:/, '')}`
}

/** `02:42:ac:10:00:02` to 6 bytes. */
export const parseMac = (text: string): Buffer => {
  if (!/^[\da-f]{2}(:[\da-f]{2}){5}$/i.test(text)) throw new RtError('RT_INTERNAL', `"${text}" is not a MAC address.`)
  return Buffer.from(text.replaceAll(':', ''), 'hex')
}

export const formatMac = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
