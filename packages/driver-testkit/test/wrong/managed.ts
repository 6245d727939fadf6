import { mkdirSync, readFileSync } from 'node:fs'
import {
  type EnterPlan,
  type EnterRequest,
  type HostStep,
  ISOLATION_CAPABILITIES,
  type OciResources,
  type ResourceUsage,
  type SandboxStep,
} from '@rt/driver-api'
import Managed from '../good/managed.ts'

/** Isolation drivers, each wrong in the one way that its name says, in what is optional. */

const why = 'Is wrong on purpose.'
const exec = (...argv: [string, ...string[]]): HostStep => ({ where: 'host', op: 'exec', argv, why })

interface Subject {
  readonly id: string
}

export class FreezesNothing extends Managed {
  override async freeze(): Promise<readonly HostStep[]> {
    return []
  }
}

export class FreezesOneOfThem extends Managed {
  override async freeze({ id }: Subject, frozen: boolean): Promise<readonly HostStep[]> {
    // Of those that it has, the first one that works.
    const [, one] = this.processes({ id }).sort((a, b) => a - b)
    return [exec('sh', '-c', `kill -${frozen ? 'STOP' : 'CONT'} ${one}`)]
  }
}

export class NeverThaws extends Managed {
  override async freeze(container: Subject, frozen: boolean): Promise<readonly HostStep[]> {
    return frozen ? super.freeze(container, true) : []
  }
}

export class FreezesByMagic extends Managed {
  override async freeze(): Promise<readonly HostStep[]> {
    return [{ op: 'magic' } as unknown as HostStep]
  }
}

export class NeverSaysFrozen extends Managed {
  override isFrozen = (): boolean => false
}

/** Answers the usage of a right one with something changed. */
abstract class Uses extends Managed {
  override async usage(container: Subject): Promise<ResourceUsage> {
    const usage = await super.usage(container)
    return { ...usage, ...this.other(usage) }
  }
  abstract other(usage: ResourceUsage): ResourceUsage
}

export class CountsMicroseconds extends Uses {
  other = ({ cpuNanoseconds = 0 }: ResourceUsage) => ({ cpuNanoseconds: cpuNanoseconds / 1_000 })
}

export class CountsKilobytes extends Uses {
  other = ({ memoryBytes = 0 }: ResourceUsage) => ({ memoryBytes: memoryBytes / 1024 })
}

export class CountsOneProcess extends Uses {
  other = () => ({ pids: 1 })
}

export class KnowsOneSizeOnly extends Uses {
  other = () => ({ memoryBytes: 2 ** 25 })
}

export class UpdatesNothing extends Managed {
  override async update(): Promise<readonly HostStep[]> {
    return []
  }
}

export class LimitsForEver extends Managed {
  override async update(container: Subject, resources: OciResources): Promise<readonly HostStep[]> {
    return resources.pids?.limit === -1 ? [] : super.update(container, resources)
  }
}

/** Without a usage of its own, so that the files of the control groups are looked at. */
export class LimitsProcessesOnly extends Managed {
  override usage = undefined as never
  override async update(container: Subject, { pids }: OciResources): Promise<readonly HostStep[]> {
    return super.update(container, { ...(pids && { pids }) })
  }
}

/** Notes what the limits are to be, and says so. */
export class LimitsOnPaper extends Managed {
  override async update(_: Subject, { pids }: OciResources): Promise<readonly HostStep[]> {
    return [exec('sh', '-c', `echo ${pids?.limit} >/run/check/limit`)]
  }
  override async usage(): Promise<ResourceUsage> {
    return { pidsLimit: Number(readFileSync('/run/check/limit', 'utf8')) }
  }
}

export class RefusesWithoutAWord extends Managed {
  override async update(): Promise<never> {
    throw new Error('no')
  }
}

export class EnterActs extends Managed {
  override async enter(request: EnterRequest): Promise<EnterPlan> {
    mkdirSync('/run/entered')
    return super.enter(request)
  }
}

export class EntersNoGroup extends Managed {
  override async enter(request: EnterRequest): Promise<EnterPlan> {
    return { ...(await super.enter(request)), cgroups: [] }
  }
}

/** Answers the plan of a right one with its steps changed. */
abstract class Enters extends Managed {
  override async enter(request: EnterRequest): Promise<EnterPlan> {
    const plan = await super.enter(request)
    return { ...plan, sandbox: plan.sandbox.flatMap((step) => this.change(step, request)) }
  }
  abstract change(step: SandboxStep, request: EnterRequest): SandboxStep[]
}

export class EntersAnotherName extends Enters {
  change = (step: SandboxStep): SandboxStep[] =>
    step.op === 'process.reset'
      ? [{ where: 'sandbox', op: 'namespace.unshare', namespaces: ['uts'], why }, step]
      : [step]
}

export class EntersWithTheContainersEnvironment extends Enters {
  change = (step: SandboxStep, { spec }: EnterRequest): SandboxStep[] =>
    step.op === 'process.exec' ? [{ ...step, env: spec.process.env }] : [step]
}

export class EntersWithTheContainersRights extends Enters {
  change = (step: SandboxStep, { spec }: EnterRequest): SandboxStep[] =>
    step.op === 'process.capabilities' ? [{ ...step, keep: spec.process.capabilities }] : [step]
}

export class EntersUnfiltered extends Managed {
  static override readonly capabilities = ISOLATION_CAPABILITIES
}
