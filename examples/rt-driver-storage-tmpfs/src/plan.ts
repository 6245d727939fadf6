import { join } from 'node:path'
import type { SandboxStep, StepFailure, StoragePlan, StorageRequest } from '@rt/driver-api'

export interface TmpfsSettings {
  /** As mount(8) takes it: `64m`, `50%`. */
  readonly size: string
  readonly inodes: string | undefined
  /** Permission bits of the image's root, which are the container's `/`. */
  readonly rootMode: number
}

/** mount(2) copies one page of option text, with a NUL at its end. */
const DATA_LIMIT = 4095

/**
 * A tmpfs in the container's own mount namespace, and in it what overlayfs writes above the image. The memory is the container's: it counts
 * towards its `--memory`, and goes with its last process, however that ends.
 */
export const planTmpfs = (request: StorageRequest, settings: TmpfsSettings): StoragePlan => {
  const memory = join(request.directory, 'memory')
  const { layers, steps } = lowerOf(memory, request.layers)
  const [upper, work] = [join(memory, 'upper'), join(memory, 'work')]
  return {
    enter: [
      {
        where: 'host',
        op: 'dir.make',
        path: memory,
        mode: 0o700,
        why: 'A place for the memory of this container; on the disk it stays empty.',
      },
    ],
    mounts: [
      {
        where: 'sandbox',
        op: 'mount',
        source: 'tmpfs',
        target: memory,
        inside: false,
        type: 'tmpfs',
        flags: [],
        data: `mode=0700,size=${settings.size}${settings.inodes === undefined ? '' : `,nr_inodes=${settings.inodes}`}`,
        why: 'Memory with the shape of a file system; seen by this container alone, and gone with it.',
        see: 'tmpfs(5)',
      },
      make(upper, settings.rootMode, 'What the container writes will be here.'),
      make(work, 0o700, 'overlayfs prepares files here before they appear.'),
      ...steps,
      {
        where: 'sandbox',
        op: 'mount',
        source: 'overlay',
        target: request.rootMountPoint,
        inside: false,
        type: 'overlay',
        flags: [],
        data: overlayData(layers, upper, work),
        why: 'The image shows through from below; whatever is written goes to the memory above it.',
        see: 'Documentation/filesystems/overlayfs.rst',
        failure: FAILURES,
      },
    ],
    leave: [],
  }
}

const make = (path: string, mode: number, why: string): SandboxStep => ({
  where: 'sandbox',
  op: 'mounted.mkdir',
  path,
  mode,
  why,
})

/** An image's layers by their own paths, or by short names in memory where those do not fit into one page. */
const lowerOf = (
  memory: string,
  all: readonly string[],
): { readonly layers: readonly string[]; readonly steps: SandboxStep[] } => {
  // overlayfs refuses one that comes twice; the upper of the two hides the lower.
  const layers = [...new Set(all)]
  if (Buffer.byteLength(overlayData(layers, join(memory, 'upper'), join(memory, 'work'))) <= DATA_LIMIT)
    return { layers, steps: [] }
  const short = layers.map((_, index) => join(memory, String(index)))
  return {
    layers: short,
    steps: layers.flatMap((layer, index): SandboxStep[] => {
      const target = short[index] as string
      return [
        make(target, 0o700, 'A short name for a layer: all of them together must fit into one page of mount options.'),
        {
          where: 'sandbox',
          op: 'mount',
          source: layer,
          target,
          inside: false,
          flags: ['bind'],
          why: 'The layer by its short name.',
        },
      ]
    }),
  }
}

/** `index`, `metacopy` and `redirect_dir` off: whatever the kernel's defaults are, a layer of somebody else's must not lead elsewhere. */
const overlayData = (layers: readonly string[], upper: string, work: string): string =>
  `lowerdir=${layers.map(escaped).join(':')},upperdir=${escaped(upper)},workdir=${escaped(work)},index=off,metacopy=off,redirect_dir=off`

const escaped = (path: string): string => path.replaceAll(/[\\:,]/g, (character) => `\\${character}`)

const missing: StepFailure = {
  code: 'RT_TMPFS_OVERLAY',
  message: 'overlayfs cannot write to a tmpfs on this kernel.',
  remedy: 'It needs Linux with CONFIG_TMPFS_XATTR; use --storage=overlay or --storage=copy.',
}

const FAILURES: Readonly<Record<string, StepFailure>> = {
  EINVAL: missing,
  EOPNOTSUPP: missing,
  ENODEV: {
    code: 'RT_TMPFS_OVERLAY',
    message: 'This kernel has no overlayfs.',
    remedy: 'Load it with `modprobe overlay`.',
  },
}
