import { string } from '@oclif/core/flags'
import type { FlagDefinitions } from '../command.ts'

/** The three axes, wherever a container is planned. */
export const driverFlags: FlagDefinitions = {
  network: string({ aliases: ['net'], summary: 'network driver: bridge, host, none, ...', helpValue: 'DRIVER' }),
  storage: string({ summary: 'storage driver: overlay, copy, ...', helpValue: 'DRIVER' }),
  isolation: string({ summary: 'isolation driver: namespaces, ...', helpValue: 'DRIVER' }),
}
