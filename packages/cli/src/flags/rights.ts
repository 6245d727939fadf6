import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import type { RunRequest } from '@rt/runtime'
import type { FlagDefinitions, ParsedFlags } from '../command.ts'
import { many } from './many.ts'

/** What a container's processes may do, in Docker's words. */
export const rightsFlags: FlagDefinitions = {
  'cap-add': string({ summary: 'give a capability', helpValue: 'CAP', ...many }),
  'cap-drop': string({ summary: 'take a capability', helpValue: 'CAP', ...many }),
  'group-add': string({ summary: 'one more group of the user, by name or number', helpValue: 'GROUP', ...many }),
  privileged: boolean({ summary: 'all capabilities and devices, no system call filter, /sys writable' }),
  'security-opt': string({
    summary: 'no-new-privileges, seccomp=unconfined, systempaths=unconfined',
    helpValue: 'OPTION',
    ...many,
  }),
}

type Rights = Pick<
  RunRequest['spec'],
  'capAdd' | 'capDrop' | 'groups' | 'privileged' | 'noNewPrivileges' | 'seccomp' | 'systemPaths'
>

/** @throws RtError RT_USAGE */
export const rightsSpec = (flags: ParsedFlags): Rights => {
  const groups = flags.texts('group-add')
  return {
    capAdd: flags.texts('cap-add'),
    capDrop: flags.texts('cap-drop'),
    ...(groups.length > 0 && { groups }),
    ...(flags.on('privileged') && { privileged: true }),
    ...securityOptions(flags.texts('security-opt')),
  }
}

/** What asks for no more than what is so anyway: no AppArmor profile and no SELinux label is ever set. */
const NOTHING_TO_DO = /^(apparmor[:=]unconfined|label[:=]disable)$/

const securityOptions = (options: readonly string[]): Pick<Rights, 'noNewPrivileges' | 'seccomp' | 'systemPaths'> => {
  let noNewPrivileges = false
  const unconfined = new Set<string | undefined>()
  for (const option of options) {
    const path = /^(seccomp|systempaths)[:=]unconfined$/.exec(option)
    if (/^no-new-privileges([:=]true)?$/.test(option)) noNewPrivileges = true
    else if (/^no-new-privileges[:=]false$/.test(option)) noNewPrivileges = false
    else if (path) unconfined.add(path[1])
    else if (!NOTHING_TO_DO.test(option)) throw unknownOption(option)
  }
  return {
    noNewPrivileges,
    ...(unconfined.has('seccomp') && { seccomp: 'unconfined' as const }),
    ...(unconfined.has('systempaths') && { systemPaths: 'unconfined' as const }),
  }
}

const unknownOption = (option: string): RtError => {
  const [, kind] = /^(seccomp|apparmor|label)[:=]/.exec(option) ?? []
  const reasons: Readonly<Record<string, string>> = {
    seccomp: 'rt has one profile of system calls, which is Docker\u2019s, and reads no others',
    apparmor: 'rt sets no AppArmor profile',
    label: 'rt sets no SELinux label',
  }
  const why = kind === undefined ? undefined : reasons[kind]
  return new RtError('RT_USAGE', `--security-opt "${option}" is not ${why ? `possible: ${why}` : 'known'}`, {
    remedy: 'Use no-new-privileges, seccomp=unconfined or systempaths=unconfined.',
  })
}
