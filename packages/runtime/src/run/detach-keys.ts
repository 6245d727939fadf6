import { RtError } from '@rt/driver-api'

/** ctrl-p ctrl-q, as in Docker. */
export const DEFAULT_DETACH_KEYS: Uint8Array = Uint8Array.of(16, 17)

/** What the shim can hold back while it waits for the rest. */
const MOST_KEYS = 63

/**
 * The bytes of Docker's notation: single characters and `ctrl-` with a letter or one of `@[\]^_`, between commas; empty: no such keys.
 * @throws RtError RT_USAGE
 */
export const parseDetachKeys = (text: string): Uint8Array => {
  if (text === '') return new Uint8Array()
  const keys = text.split(',').map(keyCode)
  if (keys.length > MOST_KEYS || keys.includes(undefined))
    throw new RtError('RT_USAGE', `--detach-keys "${text}" is not a sequence of keys`, {
      remedy: 'Write single characters and ctrl-LETTER between commas, as in ctrl-p,ctrl-q.',
    })
  return Uint8Array.from(keys.filter((key) => key !== undefined))
}

/** A control key sends the character 64 below it. */
const keyCode = (key: string): number | undefined => {
  const [, control] = /^ctrl-([a-z@[\\\]^_])$/i.exec(key) ?? []
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) - 64
  if (key === 'DEL') return 127
  return /^[\x20-\x7e]$/.test(key) ? key.charCodeAt(0) : undefined
}
