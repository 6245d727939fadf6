import { existsSync, readFileSync } from 'node:fs'
import {
  type CgroupPlan,
  type EnterPlan,
  type EnterRequest,
  type HostStep,
  type OciResources,
  type ResourceUsage,
  RtError,
} from '@rt/driver-api'
import Cell, { programSteps } from './isolation.ts'

const why = 'What becomes of a container while it runs.'
const TOP = '/sys/fs/cgroup'

interface Subject {
  readonly id: string
}

/** With what is optional in the contract: a right one in that, too. */
export default class Managed extends Cell {
  override async cgroups({ id }: Subject): Promise<CgroupPlan> {
    const directories = this.groups(id)
    return {
      enter: directories.map((path) => ({ where: 'host', op: 'cgroup.make', path, why })),
      directories,
      leave: directories.map((path) => ({ where: 'host', op: 'cgroup.remove', path, why })),
    }
  }

  async freeze({ id }: Subject, frozen: boolean): Promise<readonly HostStep[]> {
    const path = this.groupFor('freezer', id)
    return [{ where: 'host', op: 'cgroup.freeze', path, version: this.isOne ? 1 : 2, frozen, why }]
  }

  isFrozen({ id }: Subject): boolean {
    const path = this.groupFor('freezer', id)
    if (this.isOne) return readFileSync(`${path}/freezer.state`, 'utf8') === 'FROZEN\n'
    return readFileSync(`${path}/cgroup.events`, 'utf8').includes('frozen 1')
  }

  async usage({ id }: Subject): Promise<ResourceUsage> {
    const pids = this.processes({ id })
    const memory = pids.map((pid) => /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    const path = this.groupFor('cpuacct', id)
    const cpuNanoseconds = this.isOne
      ? Number(readFileSync(`${path}/cpuacct.usage`, 'utf8'))
      : Number(/^usage_usec (\d+)$/m.exec(readFileSync(`${path}/cpu.stat`, 'utf8'))?.[1]) * 1_000
    return {
      cpuNanoseconds,
      memoryBytes: memory.reduce((sum, kilobytes) => sum + Number(kilobytes) * 1024, 0),
      pids: pids.length,
      ...this.#limit('pidsLimit', this.pidsFile(id)),
      ...this.#limit('memoryLimitBytes', this.memoryFile(id)),
    }
  }

  async update({ id }: Subject, { pids, memory, cpu }: OciResources): Promise<readonly HostStep[]> {
    if (cpu?.cpus !== undefined) throw new RtError('RT_LIMIT_UNSUPPORTED', 'The processors are whose they are.')
    const failure = {
      ENOENT: { code: 'RT_LIMIT_UNSUPPORTED', message: 'Nothing limits that here.', remedy: 'Do without.' },
    }
    const write = (path: string, limit: number | undefined, none: string): HostStep[] =>
      limit === undefined
        ? []
        : [{ where: 'host', op: 'cgroup.write', path, value: limit < 0 ? none : String(limit), failure, why }]
    return [
      ...write(this.pidsFile(id), pids?.limit, 'max'),
      ...write(this.memoryFile(id), memory?.limit, this.isOne ? '-1' : 'max'),
    ]
  }

  async enter({ container: { id }, process }: EnterRequest): Promise<EnterPlan> {
    return { cgroups: this.groups(id), sandbox: programSteps(process) }
  }

  #limit(name: keyof ResourceUsage, file: string): ResourceUsage {
    // Where this host has the controller.
    if (!existsSync(file)) return {}
    const text = readFileSync(file, 'utf8').trim()
    return text === 'max' || Number(text) >= 2 ** 62 ? {} : { [name]: Number(text) }
  }

  protected pidsFile(id: string): string {
    return `${this.groupFor('pids', id)}/pids.max`
  }

  protected memoryFile(id: string): string {
    return `${this.groupFor('memory', id)}/${this.isOne ? 'memory.limit_in_bytes' : 'memory.max'}`
  }

  processes({ id }: Subject): number[] {
    const list = readFileSync(`${this.groupFor('pids', id)}/cgroup.procs`, 'utf8')
    return list.split('\n').filter(Boolean).map(Number)
  }

  protected groupFor(controller: string, id: string): string {
    return `${this.isOne ? `${TOP}/${controller}` : TOP}/managed-${id}`
  }

  protected groups(id: string): string[] {
    const names = this.isOne ? ['pids', 'freezer', 'cpuacct', 'memory'] : ['']
    return names.map((name) => this.groupFor(name, id))
  }

  /** Of version 1, with a hierarchy for each controller. */
  protected get isOne(): boolean {
    return existsSync(`${TOP}/freezer`)
  }
}
