import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import {
  answerProblem,
  type ContainerIdentity,
  type SandboxStep,
  type StorageDriver,
  type StoragePlan,
} from '@rt/driver-api'
import { mount, unmount } from '@rt/native/throwaway'
import { Bench } from '../bench/bench.ts'
import { ensure } from '../check.ts'
import { makeLayers } from './layers.ts'

export interface Prepared {
  readonly container: ContainerIdentity
  readonly directory: string
  readonly plan: StoragePlan
}

export class StorageBench extends Bench<StorageDriver> {
  readonly rootMountPoint = '/run/check/rootfs'
  /** Of an image, topmost first. */
  layers: readonly [string, ...string[]] = ['/']

  async makeImage(): Promise<void> {
    mkdirSync(`${this.context().root}/containers`, { recursive: true })
    mkdirSync(this.rootMountPoint, { recursive: true })
    const directory = `${this.context().root}/images`
    this.layers = existsSync(directory) ? [`${directory}/top`, `${directory}/bottom`] : await makeLayers(directory)
  }

  /** @param container with `resume`: one that was started before */
  async plan(container = this.identity(), resume = false): Promise<Prepared> {
    const directory = `${this.context().root}/containers/${container.id}`
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const { layers, rootMountPoint } = this
    const plan = await this.driver().prepare({
      container,
      layers,
      directory,
      rootMountPoint,
      ...(resume && { resume }),
    })
    const problem = answerProblem('storage', 'prepare', plan)
    ensure(problem === undefined, `the answer to prepare ${problem}`)
    return { container, directory, plan }
  }

  /** Shows the container's root while `act` runs, as the container sees it. */
  within<T>({ plan }: Pick<Prepared, 'plan'>, act: (root: string) => T): T {
    const before = mountPoints().length
    try {
      for (const step of plan.mounts) perform(step)
      return act(this.rootMountPoint)
    } finally {
      // In the order in which a dying mount namespace does it.
      for (const target of mountPoints().slice(before).reverse()) unmount(target)
    }
  }

  end({ plan }: Pick<Prepared, 'plan'>, when = 'after the container has ended'): void {
    this.leave(plan.leave, when)
  }

  /** What the runtime does for `rt rm`, after `end`. */
  remove({ directory }: Pick<Prepared, 'directory'>): void {
    this.leave([{ where: 'host', op: 'tree.remove', path: directory, why: 'The container is removed.' }], 'rm')
  }
}

const perform = (step: SandboxStep): void => {
  if (step.op === 'mounted.mkdir') mkdirSync(step.path, { recursive: true, mode: step.mode })
  else if (step.op === 'mount') mount(step)
  else throw new Error(`mounts has the step ${step.op}: only mounts bring a root about`)
}

const mountPoints = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
