import type { HostStep, NetnsStep } from '@rt/driver-api'
import type { Netns } from '../netns.ts'
import { setSysctl } from '../sys/sysctl.ts'
import { writeCgroup } from './cgroup.ts'
import { stepError } from './error.ts'

export type HereStep = HostStep | NetnsStep
type CgroupWrite = HostStep & { readonly op: 'cgroup.write' }
type InnerSetting = NetnsStep & { readonly op: 'sysctl' }

export const isCgroupWrite = (step: HereStep): step is CgroupWrite => step.op === 'cgroup.write'
export const isInnerSetting = (step: HereStep): step is InnerSetting => step.op === 'sysctl' && step.where === 'netns'

/** One file of a cgroup, opened once. Adds to `done` what was written. */
export const performCgroupWrites = (
  path: string,
  steps: readonly CgroupWrite[],
  done: HereStep[],
): Error | undefined => {
  let [current] = steps
  try {
    writeCgroup(path, (write) => {
      for (const step of steps) {
        current = step
        write(step.value)
        done.push(step)
      }
    })
    return undefined
  } catch (error) {
    return stepError(current as CgroupWrite, error)
  }
}

/** On one visit: to enter a namespace and come back costs more than a setting. */
export const performInnerSettings = (
  steps: readonly InnerSetting[],
  netns: Netns,
  done: HereStep[],
): Error | undefined => {
  let [current] = steps
  try {
    netns.run(() => {
      for (const step of steps) {
        current = step
        setSysctl(step.key, step.value)
        done.push(step)
      }
    })
    return undefined
  } catch (error) {
    return stepError(current as InnerSetting, error)
  }
}
