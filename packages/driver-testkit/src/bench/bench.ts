import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { type ContainerIdentity, type DriverContext, type HostStep, isRtError, type NetnsStep } from '@rt/driver-api'
import { type Netns, performLeave, performSteps } from '@rt/native'
import type { Lifeline } from '@rt/native/throwaway'
import type { AnyDriverClass, Trial } from '../check.ts'

const ROOT = '/run/check/root'
const RUN_ROOT = '/run/check/run'

/** What the checks of every kind work with: the driver, made anew for each question as rt's commands do. */
export abstract class Bench<Driver> {
  readonly Driver: AnyDriverClass
  readonly trial: Trial
  /** The host before the driver was ever asked. */
  pristine: readonly string[] = []
  #made = 0

  constructor(Driver: AnyDriverClass, trial: Trial) {
    this.Driver = Driver
    this.trial = trial
    for (const path of [ROOT, RUN_ROOT]) mkdirSync(path, { recursive: true, mode: 0o700 })
  }

  context(options: Readonly<Record<string, unknown>> = this.trial.options): DriverContext {
    return { root: ROOT, runRoot: RUN_ROOT, options }
  }

  driver(): Driver {
    return new this.Driver(this.context()) as Driver
  }

  /** Of a container that nobody had before. */
  identity(): ContainerIdentity {
    this.#made++
    // Random, as real ones: drivers make names of the first digits.
    const id = `c0ffee${randomBytes(29).toString('hex')}`
    return { id, name: `check-${process.pid}-${this.#made}`, hostname: `check${this.#made}` }
  }

  /** As rt does: steps in order, and when one fails what was made is taken back. */
  perform(steps: readonly (HostStep | NetnsStep)[], netns?: Netns, lifeline?: Lifeline): void {
    performSteps(steps, { ...(netns && { netns }), ...(lifeline && { lifeline }) })
  }

  /** As rt does when a container has ended: all of them, whatever the others do. Fails when one could not be performed. */
  leave(steps: readonly HostStep[], when: string): void {
    const [error] = performLeave(steps)
    if (error) throw new Error(`${when}, the way back fails: ${error.message}`)
  }
}

/** Fails unless `act` is refused with that code. */
export const expectRefusal = async (code: string | RegExp, what: string, act: () => unknown): Promise<void> => {
  try {
    await act()
  } catch (error) {
    if (isRtError(error) && (typeof code === 'string' ? error.code === code : code.test(error.code))) return
    const said = error instanceof Error ? error.message : String(error)
    throw new Error(`${what} is refused with ${isRtError(error) ? error.code : 'no RtError'} (${said}), not ${code}`)
  }
  throw new Error(`${what} is not refused`)
}

/** A step that always fails, and what is left when it does. */
export const IMPOSSIBLE: HostStep = {
  where: 'host',
  op: 'file.write',
  path: '/proc/version/no-directory',
  content: '',
  mode: 0o600,
  why: 'Fails on purpose.',
}
