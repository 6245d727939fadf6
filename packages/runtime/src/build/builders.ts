import { RtError } from '@rt/driver-api'
import { findProgram } from '@rt/native'
import { BUILDERS, type BuilderName } from './request.ts'

const PROGRAMS: Readonly<Record<BuilderName, string>> = { buildah: 'buildah', buildkit: 'buildctl' }

/** How the package is installed that has buildah, by the distribution's own program. */
const INSTALLERS = [
  ['apt-get', 'apt-get install buildah'],
  ['dnf', 'dnf install buildah'],
  ['zypper', 'zypper install buildah'],
  ['pacman', 'pacman -S buildah'],
  ['apk', 'apk add buildah'],
] as const

/** The builder that is wanted, or the first one that is installed. Errors: RT_BUILD_NO_BUILDER. */
export const chooseBuilder = (wanted: BuilderName | undefined, find = findProgram): BuilderName => {
  const there = BUILDERS.filter((name) => find(PROGRAMS[name]) !== undefined)
  const [first] = wanted === undefined ? there : there.filter((name) => name === wanted)
  if (first !== undefined) return first
  const command = INSTALLERS.find(([program]) => find(program) !== undefined)?.[1] ?? 'install the package buildah'
  if (wanted === 'buildkit')
    throw new RtError('RT_BUILD_NO_BUILDER', 'BuildKit is not installed: there is no program buildctl.', {
      remedy: `Install BuildKit and start its daemon, or use the other builder: ${command}`,
    })
  const missing =
    wanted === undefined ? 'no builder is installed, neither buildah nor BuildKit' : 'buildah is not installed'
  throw new RtError('RT_BUILD_NO_BUILDER', `rt build has a builder do the work, and ${missing}.`, {
    remedy: `Install one: ${command}`,
  })
}
