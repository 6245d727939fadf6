import { lstatSync, mkdirSync, renameSync, statSync, symlinkSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { RtError } from '@rt/driver-api'
import { exchange } from '@rt/native/fsat'
import { checkpoint } from '../../checkpoint.ts'
import { KINDS } from '../foreign/check.ts'
import { loadForeign } from '../foreign/load.ts'
import { assertTrusted, assertTrustedTree } from '../foreign/trust.ts'
import { type DriverPackage, driversDirectory, type InstalledDriver, readPackage } from '../installed.ts'
import type { DriverModule } from '../registry.ts'
import { npmInstall } from './npm.ts'
import { makeStaging } from './staging.ts'

export interface AddOptions {
  /** In place of one that is there. */
  readonly force?: boolean
  /** Leaves the folder where it is and only refers to it. */
  readonly link?: boolean
  /** What relative paths are relative to. */
  readonly cwd: string
}

/** A driver that has just been installed. */
export interface Added extends DriverPackage {
  readonly installed: InstalledDriver
}

/**
 * Installs a driver into rt's own folder, whole or not at all.
 *
 * @param builtin those that rt brings, which are found first
 * @throws RtError RT_DRIVER_INSTALL, RT_DRIVER_EXISTS, and what `rt run` would say of a driver that cannot be used
 */
export const addDriver = async (
  root: string,
  builtin: readonly DriverModule[],
  text: string,
  options: AddOptions,
): Promise<Added> => {
  const spec = specOf(text, options.cwd)
  const staging = makeStaging(root)
  try {
    const folder = options.link ? linked(spec) : await npmInstall(staging.folder, spec)
    const found = readPackage(folder)
    if (typeof found === 'string') throw new RtError('RT_DRIVER_MANIFEST', `The package ${text} ${found}.`)
    const { kind, name } = found.manifest
    const target = `${driversDirectory(root, kind)}/${name}`
    const label = `${KINDS[kind]} driver "${name}"`
    if (builtin.some((module) => module.name === name && module.axis === KINDS[kind]))
      throw new RtError('RT_DRIVER_EXISTS', `rt brings a ${label} itself.`, { remedy: 'Give the driver another name.' })
    // The link itself: what it leads to may have gone.
    const before = lstatSync(target, { throwIfNoEntry: false })
    if (before && !options.force) throw new RtError('RT_DRIVER_EXISTS', `There is a ${label} already.`)
    assertTrusted(label, [folder])
    if (!options.link) assertTrustedTree(label, staging.folder)
    // Loaded before it is anywhere: what cannot be used is not installed.
    await loadForeign({ kind, name, folder, origin: 'added' })
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    if (options.link) symlinkSync(folder, staging.folder)
    checkpoint()
    if (!before) renameSync(staging.folder, target)
    else if (!exchange(staging.folder, target)) throw notAtOnce(label, name)
    checkpoint()
    return { ...found, installed: { kind, name, folder: target, origin: 'added' } }
  } finally {
    staging.release()
  }
}

const notAtOnce = (label: string, name: string): RtError =>
  new RtError('RT_DRIVER_INSTALL', `The ${label} cannot be replaced at once: its file system exchanges no folders.`, {
    remedy: `Remove the old one first: \`rt drivers remove ${name}\`.`,
  })

/** A path as npm knows one from a name. */
export const specOf = (text: string, cwd: string): string =>
  /^(\.{0,2}\/|\.{1,2}$|~\/)/.test(text) || /\.(tgz|tar\.gz)$/.test(text) ? resolve(cwd, text) : text

const linked = (folder: string): string => {
  if (folder.startsWith('/') && statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder
  throw new RtError('RT_DRIVER_INSTALL', `${folder} is no folder that could be linked to.`, {
    remedy: 'Give the path of a folder, beginning with ./ or /.',
  })
}
