import { posix } from 'node:path'
import { type OciNamespace, type OciSpec, RtError } from '@rt/driver-api'
import { keptCapabilities } from './capabilities.ts'
import { containerArgs } from './command.ts'
import { containerEnv } from './env.ts'
import type { SpecInput } from './input.ts'
import { containerMounts } from './mounts.ts'
import { parseOomScoreAdj } from './oom-score.ts'
import { MASKED_PATHS, READONLY_PATHS } from './paths.ts'
import { parseShmSize, resizeShm } from './shm-size.ts'
import { parseSysctls } from './sysctls.ts'
import { parseUlimits } from './ulimits.ts'

const NAMESPACES: readonly OciNamespace[] = ['pid', 'mount', 'uts', 'ipc', 'cgroup']

/**
 * The OCI runtime spec of one container: Docker's defaults, the image's config and the user's flags, the later ones winning. Pure.
 * @throws RtError RT_USAGE for a flag that cannot be used, with the flag named
 */
export function buildSpec(input: SpecInput): OciSpec {
  const { identity, image, flags } = input
  const terminal = flags.tty ?? false
  const namespaces = input.network === 'host' ? NAMESPACES : [...NAMESPACES, 'network' as const]
  const mounts = containerMounts(input.mounts ?? [], input.files)
  const rlimits = parseUlimits(flags.ulimits)
  const sysctl = parseSysctls(flags.sysctls, input.network)
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
      user: { username: flags.user ?? image.User ?? '', additionalGids: [] },
      capabilities: keptCapabilities(flags.capAdd, flags.capDrop),
      noNewPrivileges: flags.noNewPrivileges ?? false,
      ...(rlimits.length > 0 && { rlimits }),
      ...(flags.oomScoreAdj !== undefined && { oomScoreAdj: parseOomScoreAdj(flags.oomScoreAdj) }),
    },
    mounts: flags.shmSize === undefined ? mounts : resizeShm(mounts, parseShmSize(flags.shmSize)),
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      maskedPaths: [...MASKED_PATHS, ...(input.maskedPaths ?? [])],
      readonlyPaths: READONLY_PATHS,
      ...(flags.seccomp !== 'unconfined' && { seccomp: 'default' as const }),
      cgroupsPath: `/rt-${identity.id}`,
      ...(Object.keys(sysctl).length > 0 && { sysctl }),
      ...input.asked,
    },
  }
}

/** An image may say a relative one, which Docker takes as below `/`; a user's must be absolute. */
export function workingDirectory(flag: string | undefined, image: string | undefined): string {
  if (flag === undefined || flag === '') return posix.resolve('/', image ?? '')
  if (flag.startsWith('/')) return posix.resolve(flag)
  throw new RtError('RT_USAGE', `-w: the working directory "${flag}" is not an absolute path.`, {
    remedy: 'Give a path that begins with "/".',
  })
}
