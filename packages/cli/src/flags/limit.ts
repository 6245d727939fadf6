import { string } from '@oclif/core/flags'
import type { LimitFlags, RunRequest } from '@rt/runtime'
import type { FlagDefinitions, ParsedFlags } from '../command.ts'
import { many } from './many.ts'

/** Limits in Docker's words: of `run`, `create`, `explain` and `update`. */
export const limitFlags: FlagDefinitions = {
  cpus: string({ summary: 'how many processors at most, 1.5', helpValue: 'NUMBER' }),
  'cpu-period': string({ summary: 'microseconds in which the quota is used up', helpValue: 'USEC' }),
  'cpu-quota': string({ summary: 'microseconds of processor time in a period', helpValue: 'USEC' }),
  'cpu-shares': string({
    char: 'c',
    summary: 'weight when processors are short; others have 1024',
    helpValue: 'WEIGHT',
  }),
  'cpuset-cpus': string({ summary: 'the processors that it may use, 0-2,4', helpValue: 'LIST' }),
  'cpuset-mems': string({ summary: 'the memory nodes that it may use', helpValue: 'LIST' }),
  memory: string({ char: 'm', summary: 'how much memory at most, 64m', helpValue: 'SIZE' }),
  'memory-swap': string({ summary: 'memory and swap together; -1: all there is', helpValue: 'SIZE' }),
  'memory-reservation': string({ summary: 'what it keeps when memory is short', helpValue: 'SIZE' }),
  'pids-limit': string({ summary: 'how many processes and threads at most', helpValue: 'NUMBER' }),
  'blkio-weight': string({ summary: 'weight when a disk is busy, 10 to 1000', helpValue: 'WEIGHT' }),
  'device-read-bps': string({ summary: 'bytes a second read from a disk', helpValue: 'DEVICE:RATE', ...many }),
  'device-write-bps': string({ summary: 'bytes a second written to a disk', helpValue: 'DEVICE:RATE', ...many }),
  'device-read-iops': string({ summary: 'reads a second from a disk', helpValue: 'DEVICE:RATE', ...many }),
  'device-write-iops': string({ summary: 'writes a second to a disk', helpValue: 'DEVICE:RATE', ...many }),
}

/** Not for `update`: the node is made at the start. */
export const deviceFlags: FlagDefinitions = {
  device: string({ summary: "one of the host's devices", helpValue: 'HOST[:CONTAINER[:rwm]]', ...many }),
  'device-cgroup-rule': string({
    summary: 'devices that it may open besides: "c 42:* rwm"',
    helpValue: 'RULE',
    ...many,
  }),
}

/** As given: they are looked up at the start. */
export const deviceSpec = (flags: ParsedFlags): Pick<RunRequest['spec'], 'devices' | 'deviceRules'> => {
  const deviceRules = flags.texts('device-cgroup-rule')
  return { devices: flags.texts('device'), ...(deviceRules.length > 0 && { deviceRules }) }
}

/** Those that were given, as texts; undefined: none. */
export const givenLimits = (flags: ParsedFlags): LimitFlags | undefined => {
  const found: Record<string, string | string[]> = {}
  for (const name of Object.keys(limitFlags)) {
    const list = flags.texts(name)
    const value = flags.text(name) ?? (list.length === 0 ? undefined : list)
    if (value !== undefined) found[name] = value
  }
  return Object.keys(found).length === 0 ? undefined : found
}
