import { existsSync } from 'node:fs'
import { type DriverKind, type Probe, RtError } from '@rt/driver-api'
import {
  type AnyDriverClass,
  agentIs,
  notOffered,
  type Outcome,
  playAgent,
  type Role,
  runTrial,
  type Trial,
} from '@rt/driver-testkit/checks'
import { builtinDrivers } from '@rt/drivers'
import { AXES, type DriverModule, foreignModule, type Runtime, readPackage } from '@rt/runtime'

export interface Verdict {
  /** `network driver "macvlan"` */
  readonly driver: string
  readonly probe: Probe
  /** Empty where this host cannot do it. */
  readonly checks: readonly Outcome[]
  /** Methods that are optional in the contract, and that it does not have. */
  readonly notOffered: readonly string[]
}

type Tell = (part: 'load' | 'host' | 'contract', problem: string | undefined, what: string) => void

/**
 * Loads a driver, asks it about this host, and tries its promises in namespaces of their own.
 *
 * @throws RtError RT_DRIVER_* where it cannot be loaded
 */
export const verifyDriver = async (
  rt: Runtime,
  text: string,
  options: Readonly<Record<string, string>>,
  tell: Tell,
): Promise<Verdict> => {
  const { module, release } = await find(rt, text)
  try {
    const { axis, name, installed } = module
    const { default: Driver } = await module.load()
    const context = rt.drivers.context(axis, name)
    const given = { ...context.options, ...options }
    const driver = new (Driver as AnyDriverClass)({ ...context, options: given }) as { probe(): Promise<Probe> }
    tell('load', undefined, `${module.package}, contract version 1`)
    const label = `${axis} driver "${name}"`
    const probe = await driver.probe()
    tell('host', probe.ok ? undefined : probe.reason, probe.ok ? probe.detail : 'cannot do it')
    if (!probe.ok) return { driver: label, probe, checks: [], notOffered: [] }
    agentIs([process.argv[1] ?? '', '_testkit'])
    const kind = AXES[axis]
    const found = installed && readPackage(installed.folder)
    const { options: asked, host } = (typeof found === 'object' && found.manifest.verify) || {}
    const trial: Trial = {
      kind,
      module: `${name}:${installed?.folder ?? ''}`,
      options: { ...context.options, ...asked, ...options },
      ...(host !== undefined && { host }),
    }
    const checks = await runTrial(trial, ({ name: what, problem }) => tell('contract', problem, what))
    return { driver: label, probe, checks, notOffered: notOffered(kind, Driver as AnyDriverClass, given) }
  } finally {
    release()
  }
}

/** Called by the processes of the trial. */
export const playPart = (role: string, trial: string, groups: readonly string[]): Promise<number> => {
  const parsed = JSON.parse(trial) as Trial
  return playAgent(role as Role, parsed, (place) => loadAgain(parsed.kind, place), groups)
}

/** `NAME:FOLDER`; without a folder it is one of rt's own. */
const loadAgain = async (kind: DriverKind, place: string): Promise<AnyDriverClass> => {
  const at = place.indexOf(':')
  const [name, folder] = [place.slice(0, at), place.slice(at + 1)]
  if (folder !== '') {
    return (await foreignModule({ kind, name, folder, origin: 'config' }).load()).default as AnyDriverClass
  }
  const module = builtinDrivers.find((each) => AXES[each.axis] === kind && each.name === name)
  if (module === undefined) throw new RtError('RT_INTERNAL', `rt has no driver ${name}`)
  return (await module.load()).default as AnyDriverClass
}

/** An installed one by its name, or a package by its folder; another package is installed for the moment. */
const find = async (rt: Runtime, text: string): Promise<{ module: DriverModule; release: () => void }> => {
  const { chooseDriver, makeStaging, npmInstall, specOf } = await rt.manageDrivers()
  const spec = specOf(text, process.cwd())
  if (spec === text && !/^\/|^@|^rt-driver-/.test(text))
    return { module: chooseDriver(rt.drivers, text), release: () => {} }
  const inPlace = spec.startsWith('/') && existsSync(`${spec}/package.json`)
  const staging = inPlace ? undefined : makeStaging(rt.config.root)
  const release = (): void => staging?.release()
  try {
    const folder = staging ? await npmInstall(staging.folder, spec) : spec
    const found = readPackage(folder)
    if (typeof found === 'string') throw new RtError('RT_DRIVER_MANIFEST', `The package ${text} ${found}.`)
    const { kind, name } = found.manifest
    return { module: foreignModule({ kind, name, folder, origin: 'config' }), release }
  } catch (error) {
    release()
    throw error
  }
}
