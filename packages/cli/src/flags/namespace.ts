import { string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import type { RunRequest } from '@rt/runtime'
import type { FlagDefinitions, ParsedFlags } from '../command.ts'

/** Which of the kernel's names a container shares with the host, in Docker's words. */
export const namespaceFlags: FlagDefinitions = {
  pid: string({ summary: 'whose processes it sees: its own (the default), host or container:NAME', helpValue: 'MODE' }),
  ipc: string({ summary: 'its shared memory: private (the default), host, or none at all', helpValue: 'MODE' }),
  uts: string({ summary: 'whose host name it has: private (the default) or host', helpValue: 'MODE' }),
  cgroupns: string({ summary: 'which control groups it sees: private (the default) or host', helpValue: 'MODE' }),
  domainname: string({ summary: 'the domain of its host name', helpValue: 'NAME' }),
}

type Asked = Pick<RunRequest['spec'], 'pid' | 'ipc' | 'uts' | 'cgroupns' | 'domainname'>

/** @throws RtError RT_USAGE */
export const namespaceSpec = (flags: ParsedFlags): Asked => {
  const ipc = mode(flags, 'ipc', ['private', 'host', 'none'])
  const uts = mode(flags, 'uts', ['private', 'host'])
  const cgroupns = mode(flags, 'cgroupns', ['private', 'host'])
  const domainname = flags.text('domainname')
  const named = ['hostname', 'domainname'].find((flag) => flags.text(flag) !== undefined)
  if (uts === 'host' && named !== undefined)
    throw new RtError('RT_USAGE', `--${named} and --uts=host contradict each other: it would rename the host`, {
      remedy: 'Leave out one of them.',
    })
  return {
    ...pidMode(flags.text('pid')),
    ...(ipc !== undefined && { ipc }),
    ...(uts === 'host' && { uts }),
    ...(cgroupns === 'host' && { cgroupns }),
    ...(domainname !== undefined && { domainname }),
  }
}

const pidMode = (given = ''): Pick<Asked, 'pid'> => {
  if (given === '' || given === 'private') return {}
  if (given === 'host' || /^container:./.test(given)) return { pid: given }
  throw new RtError('RT_USAGE', `--pid "${given}" is not known`, { remedy: 'Use private, host or container:NAME.' })
}

const SHARED_MEMORY =
  'Mount a volume or a directory at /dev/shm in both, and connect them with --network; or use --ipc=host.'

const mode = <T extends string>(flags: ParsedFlags, flag: string, modes: readonly T[]): T | undefined => {
  const given = flags.text(flag)
  if (given === undefined || given === '') return undefined
  const known = modes.find((one) => one === given)
  if (known !== undefined) return known
  if (flag === 'ipc' && (given === 'shareable' || given.startsWith('container:')))
    throw new RtError(
      'RT_USAGE',
      `--ipc ${given}: the shared memory of a container lives in its own mounts, which no other container can join`,
      { remedy: SHARED_MEMORY },
    )
  throw new RtError('RT_USAGE', `--${flag} "${given}" is not known`, {
    remedy: `Use ${modes.slice(0, -1).join(', ')} or ${modes.at(-1)}.`,
  })
}
