import { posix } from 'node:path'
import { type OciNamespace, type OciSpec, RtError } from '@rt/driver-api'
import { ALL_CAPABILITIES, keptCapabilities } from './capabilities.ts'
import { containerArgs } from './command.ts'
import { containerEnv } from './env.ts'
import { additionalGroups } from './groups.ts'
import { checkDomainname } from './hostname.ts'
import type { SpecInput } from './input.ts'
import { containerMounts, ipcMounts, privilegedMounts } from './mounts.ts'
import { parseOomScoreAdj } from './oom-score.ts'
import { MASKED_PATHS, READONLY_PATHS } from './paths.ts'
import { parseShmSize, resizeShm } from './shm-size.ts'
import { parseSysctls } from './sysctls.ts'
import { parseUlimits } from './ulimits.ts'

const NAMESPACES: readonly OciNamespace[] = ['pid', 'mount', 'uts', 'ipc', 'cgroup', 'network']

/**
 * The OCI runtime spec of one container: Docker's defaults, the image's config and the user's flags, the later ones winning. Pure.
 * @throws RtError RT_USAGE for a flag that cannot be used, with the flag named
 */
export function buildSpec(input: SpecInput): OciSpec {
  const { identity, image, flags } = input
  const terminal = flags.tty ?? false
  const privileged = flags.privileged ?? false
  const open = privileged || flags.systemPaths === 'unconfined'
  const common = ipcMounts(containerMounts(input.mounts ?? [], input.files), flags.ipc)
  const mounts = privileged ? privilegedMounts(common) : common
  const rlimits = parseUlimits(flags.ulimits)
  const sysctl = {
    ...parseSysctls(flags.sysctls, { network: input.network, ipc: flags.ipc }),
    ...(flags.domainname !== undefined && { 'kernel.domainname': checkDomainname(flags.domainname) }),
  }
  return {
    ociVersion: '1.2.0',
    hostname: identity.hostname,
    root: { path: input.rootMountPoint, readonly: flags.readOnly ?? false },
    process: {
      terminal,
      args: containerArgs({
        image,
        command: flags.command ?? [],
        ...(flags.entrypoint !== undefined && { entrypoint: flags.entrypoint }),
      }),
      env: containerEnv({
        hostname: identity.hostname,
        terminal,
        image: image.Env ?? [],
        files: flags.envFiles ?? [],
        flags: flags.env ?? [],
        caller: input.env,
      }),
      cwd: workingDirectory(flags.workdir, image.WorkingDir),
      user: { username: flags.user ?? image.User ?? '', ...additionalGroups(flags.groups) },
      capabilities: privileged ? ALL_CAPABILITIES : keptCapabilities(flags.capAdd, flags.capDrop),
      noNewPrivileges: flags.noNewPrivileges ?? false,
      ...(rlimits.length > 0 && { rlimits }),
      ...(flags.oomScoreAdj !== undefined && { oomScoreAdj: parseOomScoreAdj(flags.oomScoreAdj) }),
    },
    mounts: flags.shmSize === undefined ? mounts : resizeShm(mounts, parseShmSize(flags.shmSize)),
    linux: {
      namespaces: namespacesOf(input).map((type) => ({ type })),
      maskedPaths: open ? [] : [...MASKED_PATHS, ...(input.maskedPaths ?? [])],
      readonlyPaths: open ? [] : READONLY_PATHS,
      ...(!privileged && flags.seccomp !== 'unconfined' && { seccomp: 'default' as const }),
      cgroupsPath: `/rt-${identity.id}`,
      ...(Object.keys(sysctl).length > 0 && { sysctl }),
      ...input.asked,
    },
    ...(flags.annotations && { annotations: flags.annotations }),
  }
}

/** Those of its own; in the others it is where the host is. */
const namespacesOf = ({ network, flags }: SpecInput): readonly OciNamespace[] => {
  const shared: Readonly<Record<string, boolean>> = {
    network: network === 'host',
    pid: flags.pid !== undefined,
    uts: flags.uts === 'host',
    ipc: flags.ipc === 'host',
    cgroup: flags.cgroupns === 'host',
  }
  return NAMESPACES.filter((type) => shared[type] !== true)
}

/** An image may say a relative one, which Docker takes as below `/`; a user's must be absolute. */
export function workingDirectory(flag: string | undefined, image: string | undefined): string {
  if (flag === undefined || flag === '') return posix.resolve('/', image ?? '')
  if (flag.startsWith('/')) return posix.resolve(flag)
  throw new RtError('RT_USAGE', `-w: the working directory "${flag}" is not an absolute path.`, {
    remedy: 'Give a path that begins with "/".',
  })
}
