import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, fileSystemType } from '@rt/native'
import type { BuildRequest, BuildSite } from './request.ts'

/** File systems that overlayfs takes as its upper side; on others buildah copies. */
const OVERLAY = new Set(['ext4', 'xfs', 'btrfs'])

export interface BuildahBuild {
  readonly commands: readonly [Command, () => Command]
  readonly env: NodeJS.ProcessEnv
}

const storage = ({ cache, runCache }: Pick<BuildSite, 'cache' | 'runCache'>, driver: string): string[] => [
  `--root=${join(cache, 'buildah')}`,
  `--runroot=${join(runCache, 'buildah')}`,
  `--storage-driver=${driver}`,
]

/** `STORAGE_DRIVER` and `BUILDAH_ISOLATION` are buildah's own, and win. */
export const buildahPlan = (
  request: BuildRequest,
  site: BuildSite,
  { registries, env, idOf }: { registries: string; env: NodeJS.ProcessEnv; idOf: (file: string) => string },
): BuildahBuild => {
  const driver = driverOf(site, env)
  const conf = join(site.scratch, 'registries.conf')
  writeFileSync(conf, registries, { mode: 0o600 })
  const idFile = join(site.scratch, 'id')
  const build: Command = [
    'buildah',
    ...storage(site, driver),
    'bud',
    '--force-rm',
    // Needs neither an OCI runtime nor a network of its own; what RUN does is the Dockerfile's, which the user trusts.
    ...(env.BUILDAH_ISOLATION ? [] : ['--isolation=chroot']),
    ...(request.noCache ? ['--no-cache'] : ['--layers']),
    // A base image that means something else by now is fetched again; one that cannot be asked for is taken as it is here.
    request.pull ? '--pull-always' : '--pull',
    `--iidfile=${idFile}`,
    ...each('--build-arg', request.args),
    ...each('--label', request.labels),
    ...each('--secret', request.secrets),
    ...each('--add-host', request.addHosts ?? []),
    // RUN has the host's network by this isolation anyway, and buildah takes no word for its default.
    ...(request.network === 'host' ? ['--network=host'] : []),
    ...(request.target === undefined ? [] : [`--target=${request.target}`]),
    ...(request.platform === undefined ? [] : [`--platform=${request.platform}`]),
    ...(request.file === undefined ? [] : [`--file=${request.file}`]),
    ...(request.quiet ? ['--quiet'] : []),
    '--',
    request.context,
  ]
  // Kept plain: the store unpacks it at once, and a push compresses it.
  const hand = (): Command => [
    'buildah',
    ...storage(site, driver),
    'push',
    '--quiet',
    '--disable-compression',
    idOf(idFile),
    `oci:${site.output}`,
  ]
  return { commands: [build, hand], env: { ...env, CONTAINERS_REGISTRIES_CONF: conf } }
}

/** Removes the containers in which steps are done, and no image. */
export const buildahTidy = (site: Pick<BuildSite, 'cache' | 'runCache'>, env: NodeJS.ProcessEnv): Command => [
  'buildah',
  ...storage(site, driverOf(site, env)),
  'rm',
  '--all',
]

const driverOf = ({ cache }: Pick<BuildSite, 'cache'>, env: NodeJS.ProcessEnv): string =>
  env.STORAGE_DRIVER ?? (OVERLAY.has(fileSystemType(cache)) ? 'overlay' : 'vfs')

const each = (flag: string, values: readonly string[]): string[] => values.map((value) => `${flag}=${value}`)
