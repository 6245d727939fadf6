import { RtError } from '@rt/driver-api'

/** A part of a config file that is to be keys and values. @throws RtError RT_CONFIG_INVALID */
export const fields = (value: unknown, key: string, source: string): Record<string, unknown> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw wrong(source, key, 'keys and values')
}

export const wrong = (source: string, key: string, wanted: string): RtError =>
  invalid(`${source}: "${key}" must be ${wanted}`)

export const invalid = (message: string): RtError => new RtError('RT_CONFIG_INVALID', message)
