import { existsSync, writeFileSync } from 'node:fs'
import type { HostStep, StoragePlan, StorageRequest, StorageView } from '@rt/driver-api'
import Plain from '../good/storage.ts'

/** Storage drivers, each wrong in the one way that its name says. */

const why = 'Is wrong on purpose.'
const exec = (...argv: [string, ...string[]]): HostStep => ({ where: 'host', op: 'exec', argv, why })

export class PreparesAtOnce extends Plain {
  override async prepare(request: StorageRequest): Promise<StoragePlan> {
    writeFileSync(`/run/at-once-${request.container.id}`, '')
    return super.prepare(request)
  }
}

export class MountsNothing extends Plain {
  override async prepare(request: StorageRequest): Promise<StoragePlan> {
    return { ...(await super.prepare(request)), mounts: [] }
  }
}

export class CopiesTheTopLayer extends Plain {
  protected override copy(request: StorageRequest): HostStep[] {
    return super.copy({ ...request, layers: [request.layers[0]] })
  }
}

/** What a layer deletes is a device 0/0 to it. */
export class KeepsWhiteouts extends Plain {
  protected override copy(request: StorageRequest): HostStep[] {
    const { layers } = request
    return [
      ...super.copy({ ...request, layers: [layers.at(-1) ?? layers[0]] }),
      exec('cp', '-a', `${layers[0]}/.`, this.root(request)),
    ]
  }
}

export class SharesOneRoot extends Plain {
  protected override root(): string {
    return '/run/check/root/one'
  }
}

export class WritesIntoTheImage extends Plain {
  protected override copy(request: StorageRequest): HostStep[] {
    return [...super.copy(request), exec('touch', `${request.layers[0]}/used-by-${request.container.id}`)]
  }
}

export class BeginsAnew extends Plain {
  protected override isComplete(): boolean {
    return false
  }
}

export class ShowsNothing extends Plain {
  override async view({ directory }: Pick<StorageRequest, 'directory'>): Promise<StorageView> {
    return { root: `${directory}/elsewhere` }
  }
}

export class ClaimsAView extends Plain {
  override view = undefined as never
}

/** Outside of the directory that the runtime removes. */
abstract class Elsewhere extends Plain {
  protected override root({ directory }: Pick<StorageRequest, 'directory'>): string {
    return `/run/check/root/plain-${directory.split('/').at(-1)}`
  }
}

export class KeepsItsCopies extends Elsewhere {}

/** Its way back knows what to do by a note that is made last. */
export class NotesLast extends Elsewhere {
  override async prepare(request: StorageRequest): Promise<StoragePlan> {
    const plan = await super.prepare(request)
    const [root, note] = [this.root(request), `${this.root(request)}.note`]
    const noted: HostStep = {
      where: 'host',
      op: 'file.write',
      path: note,
      content: '',
      mode: 0o600,
      exclusive: true,
      why,
    }
    const back = exec('sh', '-c', `test ! -e ${note} || rm -rf ${root} ${root}.complete ${note}`)
    return { ...plan, enter: [exec('mkdir', '-p', root), ...plan.enter, noted], leave: [back] }
  }
}

export class TrustsAHalfCopy extends Plain {
  protected override isComplete(request: StorageRequest): boolean {
    return existsSync(this.root(request))
  }
}

export class RemovesOnce extends Plain {
  override async prepare(request: StorageRequest): Promise<StoragePlan> {
    const plan = await super.prepare(request)
    const made = `/run/made-${request.container.id}`
    return { ...plan, enter: [...plan.enter, exec('touch', made)], leave: [exec('rm', made)] }
  }
}

/** Others that come while it copies are refused. */
export class OneAtATime extends Plain {
  protected override copy(request: StorageRequest): HostStep[] {
    const path = '/run/check/root/busy'
    return [
      { where: 'host', op: 'file.write', path, content: '', mode: 0o600, exclusive: true, why },
      exec('sleep', '1.5'),
      ...super.copy(request),
      { where: 'host', op: 'file.remove', path, why },
    ]
  }
}

/** Its step works only as a child of the process that planned it. */
export class CountsOnItsParent extends Plain {
  protected override copy(request: StorageRequest): HostStep[] {
    return [...super.copy(request), exec('sh', '-c', `test $PPID = ${process.pid} # not rt`)]
  }
}
