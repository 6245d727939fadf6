import { mkdirSync } from 'node:fs'
import {
  type CgroupPlan,
  type HostStep,
  ISOLATION_CAPABILITIES,
  type LaunchPlan,
  type LaunchRequest,
  type SandboxStep,
} from '@rt/driver-api'
import Cell from '../good/isolation.ts'

/** Isolation drivers, each wrong in the one way that its name says. */

const why = 'Is wrong on purpose.'
const exec = (...argv: [string, ...string[]]): HostStep => ({ where: 'host', op: 'exec', argv, why })

export class LaunchActs extends Cell {
  override async launch(request: LaunchRequest): Promise<LaunchPlan> {
    mkdirSync(this.group(`of-${request.container.id}`))
    return super.launch(request)
  }
}

/** Answers the plan of a right one with its steps changed. */
abstract class Changed extends Cell {
  override async launch(request: LaunchRequest): Promise<LaunchPlan> {
    const plan = await super.launch(request)
    return { ...plan, sandbox: plan.sandbox.flatMap((step) => this.change(step)) }
  }
  abstract change(step: SandboxStep): SandboxStep[]
}

/** Answers the plan of a right one with the last step changed. */
abstract class Executes extends Changed {
  change = (step: SandboxStep): SandboxStep[] =>
    step.op === 'process.exec' ? [{ ...step, ...this.other(step) }] : [step]
  abstract other(step: SandboxStep & { op: 'process.exec' }): Partial<SandboxStep & { op: 'process.exec' }>
}

export class DropsArguments extends Executes {
  other = ({ argv }: { argv: readonly [string, ...string[]] }) => ({ argv: [argv[0]] as const })
}

export class HasItsOwnEnvironment extends Executes {
  other = () => ({ env: ['PATH=/usr/bin:/bin'] })
}

export class RunsSomethingElse extends Executes {
  other = ({ argv }: { argv: readonly string[] }) => ({ argv: ['sh', '-c', 'exec true', ...argv] as const })
}

/** What is not there is found out by somebody else. */
export class RunsAnything extends Executes {
  other = ({ argv }: { argv: readonly string[] }) => ({ argv: ['sh', '-c', '"$@" || true', 'sh', ...argv] as const })
}

/** Promises all that there is. */
export class ClaimsEverything extends Cell {
  static override readonly capabilities = ISOLATION_CAPABILITIES
}

export class KeepsOneMore extends Changed {
  change = (step: SandboxStep): SandboxStep[] =>
    step.op === 'process.capabilities' ? [{ ...step, keep: [...step.keep, 'CAP_SYS_ADMIN'] }] : [step]
}

export class StartsNowhere extends Changed {
  change = (step: SandboxStep): SandboxStep[] =>
    step.op === 'process.chdir' ? [{ ...step, path: '/etc/hostname/nowhere' }] : [step]
}

/** Answers the control groups of a right one changed. */
abstract class Grouped extends Cell {
  override async cgroups(container: { readonly id: string }): Promise<CgroupPlan> {
    return this.changed(await super.cgroups(container), container.id)
  }
  abstract changed(plan: CgroupPlan, id: string): CgroupPlan
}

export class NamesWhatIsNotThere extends Grouped {
  changed = (plan: CgroupPlan, id: string): CgroupPlan => ({ ...plan, directories: [this.group(`other-${id}`)] })
}

export class KeepsItsGroup extends Grouped {
  changed = (plan: CgroupPlan): CgroupPlan => ({ ...plan, leave: [] })
}

/** Its way back knows what to do by a group that is made last. */
export class NotesLast extends Grouped {
  changed(plan: CgroupPlan, id: string): CgroupPlan {
    const [path, note] = [this.group(id), this.group(`note-${id}`)]
    const noted: HostStep = { where: 'host', op: 'cgroup.make', path: note, why }
    const back = exec('sh', '-c', `test ! -e ${note} || rmdir ${path} ${note}`)
    return { ...plan, enter: [...plan.enter, noted], leave: [back] }
  }
}

/** A process is in one group of a hierarchy only. */
export class NamesTwoOfOne extends Grouped {
  changed(plan: CgroupPlan, id: string): CgroupPlan {
    const path = this.group(`second-${id}`)
    const [made, removed] = [{ op: 'cgroup.make' } as const, { op: 'cgroup.remove' } as const]
    return {
      enter: [...plan.enter, { where: 'host', ...made, path, why }],
      directories: [...plan.directories, path],
      leave: [...plan.leave, { where: 'host', ...removed, path, why }],
    }
  }
}

/** Makes a group, and never answers. */
export class NeverAnswers extends Cell {
  override async probe(): Promise<never> {
    mkdirSync(this.group('waits'))
    for (;;) await new Promise((resolve) => setTimeout(resolve, 60_000))
  }
}
