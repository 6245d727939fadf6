import { boolean, string } from '@oclif/core/flags'
import type { FlagDefinitions } from '../command.ts'
import { many } from './many.ts'

/** How a list is chosen and shown. `filters`: what it can be filtered by. */
export const listingFlags = (filters: string): FlagDefinitions => ({
  filter: string({ char: 'f', summary: filters, helpValue: 'KEY=VALUE', ...many }),
  format: string({ summary: 'json, a table of chosen fields, or a text', helpValue: 'FORMAT' }),
  json: boolean({ summary: 'everything that is known of them, as JSON' }),
})

/** As Docker shows them in one field. */
export const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
