import { rmSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { RtError } from '@rt/driver-api'
import { type ExecutionConfig, type Image, isFolderId } from '@rt/images'
import { type FileLock, performSteps, tryLock } from '@rt/native'
import type { ContainerRecord } from '../store/record.ts'
import type { FileTools } from './access.ts'
import { withChanges } from './changes.ts'
import { type FilesContext, imageOf, isLive } from './context.ts'
import { openRoot } from './export.ts'

export interface CommitRequest {
  readonly reference: string | undefined
  readonly author: string | undefined
  readonly message: string | undefined
  /** Dockerfile instructions. */
  readonly changes: readonly string[]
  /** Freeze a running container meanwhile, so that no file is caught half-written. */
  readonly pause: boolean
  readonly onWarning: (text: string) => void
}

/** Makes an image of the container's image and what the container changed. Errors: RT_USAGE, RT_IMAGE_*, RT_DRIVER_LACKS, RT_DISK_FULL. */
export const commitContainer = async (
  tools: FileTools,
  context: FilesContext,
  record: ContainerRecord,
  request: CommitRequest,
): Promise<Image> => {
  const parent = imageOf(context, record)
  return context.images.commit({
    parent,
    reference: request.reference,
    config: configOf(record, parent.config.config ?? {}),
    changes: request.changes,
    author: request.author,
    comment: request.message,
    createdBy: record.spec.process.args.join(' '),
    onWarning: request.onWarning,
    write: (push) =>
      whilePaused(context, record, request, (check) =>
        isFolderId(parent.id)
          ? writeWhole(tools, context, record, push, check)
          : withChanges(tools, context, record, parent, async (changes, now) => {
              const encoder = new tools.TarEncoder(push)
              for (const _ of tools.writeLayer(now, changes, encoder)) await check()
              encoder.finish()
            }),
      ),
  })
}

/** What lies upon a folder has no image to be the next layer of: all that the container sees becomes one. */
const writeWhole = async (
  tools: FileTools,
  context: FilesContext,
  record: ContainerRecord,
  push: (piece: Buffer) => void,
  check: () => Promise<void> | undefined,
): Promise<void> => {
  const root = await openRoot(tools, context, record)
  try {
    const encoder = new tools.TarEncoder(push)
    for (const _ of new tools.TreeReader(encoder).tree(root, '')) await check()
    encoder.finish()
  } finally {
    root.close()
  }
}

/** Looks at signals now and then, so that a container is not left frozen by whoever interrupts a long commit. */
const PATIENCE_MS = 50

const whilePaused = async (
  context: FilesContext,
  record: ContainerRecord,
  { pause, onWarning }: CommitRequest,
  work: (check: () => Promise<void> | undefined) => Promise<void>,
): Promise<void> => {
  const isolation = await context.registry.resolve('isolation', record.drivers.isolation)
  const isWanted = pause && isLive(context, record) && isolation.isFrozen?.(record) !== true
  if (isWanted && isolation.freeze === undefined)
    onWarning(`The isolation driver ${record.drivers.isolation} cannot pause ${record.name}: it goes on meanwhile.`)
  let interrupted: NodeJS.Signals | undefined
  const interrupt = (signal: NodeJS.Signals): void => {
    interrupted = signal
  }
  let seen = performance.now()
  const check = (): Promise<void> | undefined => {
    if (performance.now() - seen < PATIENCE_MS) return undefined
    return setImmediate().then(() => {
      seen = performance.now()
      if (interrupted !== undefined) throw new RtError('RT_STEP_FAILED', `The commit was interrupted by ${interrupted}`)
    })
  }
  for (const signal of SIGNALS) process.on(signal, interrupt)
  let marker: FileLock | undefined
  try {
    // The kernel lets go of the lock when this process is killed, and then the next look lets the container go on.
    if (isWanted) marker = tryLock(context.layout.frozen(record.id))
    if (isWanted) performSteps((await isolation.freeze?.(record, true)) ?? [])
    await work(check)
  } finally {
    try {
      if (isWanted) performSteps((await isolation.freeze?.(record, false)) ?? [])
      if (marker) rmSync(marker.path, { force: true })
    } finally {
      marker?.release()
      for (const signal of SIGNALS) process.off(signal, interrupt)
    }
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What the container was run with becomes what containers of the new image run with, as Docker does it. */
const configOf = ({ request, spec, mountPoints = [] }: ContainerRecord, image: ExecutionConfig): ExecutionConfig => {
  const { entrypoint, command = [], user, workdir } = request.spec
  const volumes = mountPoints.filter(({ by, anonymous }) => by === 'volume' && anonymous)
  const isOverridden = entrypoint !== undefined || command.length > 0
  // What is to be done in a build upon the image is not done again in one upon what was made of it.
  const { OnBuild: _, ...inherited } = image
  return {
    ...inherited,
    ...(entrypoint !== undefined && { Entrypoint: entrypoint === '' ? [] : [entrypoint] }),
    ...(isOverridden && { Cmd: [...command] }),
    ...(user !== undefined && { User: user }),
    ...(workdir !== undefined && { WorkingDir: workdir }),
    ...(request.stopSignal !== undefined && { StopSignal: request.stopSignal }),
    ...(request.labels !== undefined && { Labels: { ...image.Labels, ...request.labels } }),
    ...(volumes.length > 0 && {
      Volumes: { ...image.Volumes, ...Object.fromEntries(volumes.map(({ destination }) => [destination, {}])) },
    }),
    ...environment(request.spec, spec.process.env, image.Env ?? []),
  }
}

/** The values that the container has of the names that image and user gave; what rt added by itself is added again at the next run. */
const environment = (
  { env = [], envFiles = [] }: ContainerRecord['request']['spec'],
  values: readonly string[],
  image: readonly string[],
): Pick<ExecutionConfig, 'Env'> => {
  const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? ''
  const names = new Set([...image, ...envFiles, ...env].map(nameOf))
  const kept = values.filter((entry) => names.has(nameOf(entry)))
  return kept.length === 0 ? {} : { Env: kept }
}
