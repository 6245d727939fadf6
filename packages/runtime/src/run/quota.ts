import { dirname } from 'node:path'
import { type ContainerId, type HostStep, RtError, type StepFailure, type StoragePlan } from '@rt/driver-api'
import { fileSystemType } from '@rt/native'

export interface QuotaInput {
  readonly container: ContainerId
  /** The container's own. */
  readonly directory: string
  /** Bytes. */
  readonly size: number
  readonly resume: boolean
  /** A directory that is there, on the same file system. */
  readonly present: string
}

/**
 * The plan of a container that may not write more than `size` (`--storage-opt size=`): what its driver makes in its directory is put into a
 * project of its own, before anything is in it. The driver knows nothing of that.
 *
 * @throws RtError RT_STORAGE_QUOTA where the driver keeps the files elsewhere
 */
export const withQuota = (plan: StoragePlan, input: QuotaInput): StoragePlan => {
  const { container, directory, size, resume } = input
  const paths = plan.enter.flatMap((step) =>
    step.op === 'dir.make' && dirname(step.path) === directory ? step.path : [],
  )
  const last = plan.enter.findLastIndex((step) => step.op === 'dir.make' && dirname(step.path) === directory)
  // A copy that was made in an earlier start is in its project already.
  if (paths.length === 0 && resume) return plan
  if (paths.length === 0)
    throw new RtError('RT_STORAGE_QUOTA', "This storage driver keeps a container's files where rt cannot limit them", {
      remedy: 'Use --storage=overlay or --storage=copy, or leave out --storage-opt.',
    })
  const step: HostStep = {
    where: 'host',
    op: 'quota.limit',
    paths,
    project: projectOf(container),
    bytes: size,
    why: `All that the container writes counts as one project of the file system, which may take ${size} bytes.`,
    see: 'quotactl(2), FS_IOC_FSSETXATTR',
    failure: { '*': refusal(input) },
  }
  // Directly after the directories: what comes into them later inherits the project.
  return { ...plan, enter: [...plan.enter.slice(0, last + 1), step, ...plan.enter.slice(last + 1)] }
}

/** 28 bits of its id, above the numbers that /etc/projid usually has. */
const projectOf = (id: ContainerId): number => 0x10000000 + Number.parseInt(id.slice(0, 7), 16)

const REMEDIES: Readonly<Record<string, string>> = {
  ext4: 'Give it the features once, unmounted: tune2fs -O project,quota -Q prjquota DEVICE; then mount it with prjquota.',
  xfs: 'Mount it with pquota.',
}

const refusal = ({ present, directory }: QuotaInput): StepFailure => {
  const type = fileSystemType(present)
  return {
    code: 'RT_STORAGE_QUOTA',
    message: `${directory} lies on ${type} without project quotas, so what the container writes cannot be limited`,
    remedy:
      REMEDIES[type] ??
      'Put --root on xfs that is mounted with pquota, or on ext4 with project quotas, or leave out --storage-opt.',
  }
}
