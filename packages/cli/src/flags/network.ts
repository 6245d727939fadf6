import { boolean, string } from '@oclif/core/flags'
import { didYouMean, RtError } from '@rt/driver-api'
import type { RunRequest, WantedNetwork } from '@rt/runtime'
import type { FlagDefinitions, ParsedFlags } from '../command.ts'
import { many } from './many.ts'

/** What a container is connected to, and which ports of the host lead to it, in Docker's words. */
export const networkFlags: FlagDefinitions = {
  network: string({
    aliases: ['net'],
    summary: 'a network, or a driver: bridge, host, none; NAME or name=NAME,alias=A,ip=ADDRESS',
    helpValue: 'NETWORK',
    ...many,
  }),
  'network-alias': string({ summary: 'one more name in the (first) network', helpValue: 'NAME', ...many }),
  ip: string({ summary: 'its IPv4 address', helpValue: 'ADDRESS' }),
  ip6: string({ summary: 'its IPv6 address', helpValue: 'ADDRESS' }),
  'mac-address': string({ summary: 'its MAC address', helpValue: 'ADDRESS' }),
  publish: string({
    char: 'p',
    summary: 'a port of the host that leads to one of the container',
    helpValue: '[[ADDRESS:]PORT:]PORT[/udp]',
    ...many,
  }),
  'publish-all': boolean({ char: 'P', summary: 'a port of the host for every exposed one' }),
  expose: string({ summary: 'a port that it listens on', helpValue: 'PORT[/udp]', ...many }),
}

/** @throws RtError RT_USAGE */
export const networkRequest = (
  flags: ParsedFlags,
): Pick<RunRequest, 'networks' | 'publish' | 'publishAll' | 'expose'> => {
  const networks = withShortForms(flags, flags.texts('network').map(parseNetwork))
  const publish = flags.texts('publish')
  const expose = flags.texts('expose')
  return {
    ...(networks.length > 0 && { networks }),
    ...(publish.length > 0 && { publish }),
    ...(flags.on('publish-all') && { publishAll: true }),
    ...(expose.length > 0 && { expose }),
  }
}

/** Where there is no --network they belong to the configured one, whose name only the runtime knows. */
const withShortForms = (flags: ParsedFlags, networks: readonly WantedNetwork[]): readonly WantedNetwork[] => {
  const aliases = flags.texts('network-alias')
  const asked = {
    ...(aliases.length > 0 && { aliases }),
    ...given(flags, 'ip', 'ip'),
    ...given(flags, 'ip6', 'ip6'),
    ...given(flags, 'mac', 'mac-address'),
  }
  if (Object.keys(asked).length === 0) return networks
  const [first = { name: '' }, ...others] = networks
  const twice = Object.keys(asked).find((key) => Object.hasOwn(first, key))
  if (twice !== undefined)
    throw new RtError('RT_USAGE', `The ${twice} of the network ${first.name} was given in two ways`)
  return [{ ...first, ...asked }, ...others]
}

const given = (flags: ParsedFlags, key: keyof WantedNetwork, flag: string): Partial<WantedNetwork> => {
  const value = flags.text(flag)
  return value === undefined ? {} : { [key]: value }
}

const KEYS = ['name', 'alias', 'ip', 'ip6', 'mac-address']

/** `NAME`, or Docker's long form `name=NAME,alias=A,alias=B,ip=ADDRESS`. */
const parseNetwork = (text: string): WantedNetwork => {
  if (!text.includes('=')) return { name: text }
  const values = new Map<string, string[]>()
  for (const part of text.split(',')) {
    const at = part.indexOf('=')
    const key = part.slice(0, at)
    if (at < 0 || !KEYS.includes(key))
      throw new RtError('RT_USAGE', `--network "${text}": there is no "${part}".${didYouMean(key, KEYS)}`, {
        remedy: `Write name=NAME and, between commas, ${KEYS.slice(1).join(', ')}.`,
      })
    values.set(key, [...(values.get(key) ?? []), part.slice(at + 1)])
  }
  const one = (key: string): string | undefined => values.get(key)?.at(-1)
  const name = one('name')
  if (name === undefined)
    throw new RtError('RT_USAGE', `--network "${text}" does not name a network`, { remedy: 'Write name=NAME.' })
  const aliases = values.get('alias')
  const [ip, ip6, mac] = [one('ip'), one('ip6'), one('mac-address')]
  return {
    name,
    ...(aliases && { aliases }),
    ...(ip !== undefined && { ip }),
    ...(ip6 !== undefined && { ip6 }),
    ...(mac !== undefined && { mac }),
  }
}
