import { booleanOption, didYouMean, interfaceNameOption, type OptionReader, RtError } from '@rt/driver-api'
import { mtuOption } from './options.ts'

/** `--opt` of a defined network. */
export interface NetworkOptions {
  /** The bridge's name; undefined: made of the network's id. */
  readonly bridge?: string
  readonly mtu?: number
  readonly masquerade?: boolean
}

const READERS: { readonly [K in keyof NetworkOptions]-?: OptionReader<NonNullable<NetworkOptions[K]>> } = {
  bridge: interfaceNameOption,
  mtu: mtuOption,
  masquerade: booleanOption,
}

/** Ours first, then Docker's names for the same, so that a command line made for it works. */
const KEYS: Readonly<Record<string, keyof NetworkOptions>> = {
  name: 'bridge',
  mtu: 'mtu',
  masquerade: 'masquerade',
  'com.docker.network.bridge.name': 'bridge',
  'com.docker.network.driver.mtu': 'mtu',
  'com.docker.network.bridge.enable_ip_masquerade': 'masquerade',
}

/** Throws RT_DRIVER_OPTION for a name that is not known and for a value that cannot be used. */
export const readNetworkOptions = (given: Readonly<Record<string, string>>): NetworkOptions =>
  Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const option = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
      if (option === undefined) throw unknown(key)
      const read = READERS[option].read(value)
      if (read === undefined) throw unusable(key, value, READERS[option].expected)
      return [option, read]
    }),
  )

const unknown = (key: string): RtError =>
  new RtError('RT_DRIVER_OPTION', `A bridge network has no option "${key}".${didYouMean(key, Object.keys(KEYS))}`, {
    remedy: `Use one of ${Object.keys(KEYS).join(', ')}.`,
  })

const unusable = (key: string, value: string, expected: string): RtError => {
  const length = Buffer.byteLength(value)
  const long = KEYS[key] === 'bridge' && length > 15 ? `, and this one has ${length} bytes` : ''
  return new RtError('RT_DRIVER_OPTION', `The option ${key} is "${value}", but must be ${expected}${long}.`, {
    remedy: `Give another --opt ${key}=..., or leave it out.`,
  })
}
