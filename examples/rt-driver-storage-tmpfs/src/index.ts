import { readFileSync, statSync } from 'node:fs'
import {
  type DriverContext,
  declaredOptions,
  type OptionValues,
  option,
  type Probe,
  type StorageDriver,
  type StoragePlan,
  type StorageRequest,
  textOption,
} from '@rt/driver-api'
import { planTmpfs } from './plan.ts'

/** The section `storage.tmpfs` of the config. */
const OPTIONS = {
  size: option(textOption('a size such as 64m, 2g or 50%', /^[1-9]\d*[kmg]?$|^([1-9]|[1-9]\d|100)%$/i), {
    description: 'How much a container may write: bytes, or a part of the memory of the machine.',
    default: '50%',
  }),
  inodes: option(textOption('a number such as 10000 or 10k', /^[1-9]\d*[kmg]?$/i), {
    description: 'How many files and directories a container may have.',
    unset: 'half as many as the machine has pages of memory',
  }),
} as const

/** Root file systems that are written to memory: nothing reaches the disk, and nothing is left when the container has ended. */
export default class TmpfsStorageDriver implements StorageDriver {
  static readonly options = OPTIONS
  /** What was written is gone with the container's mount namespace, and until then nobody else sees it. */
  static readonly capabilities = { keeps: false, view: false }

  readonly #options: OptionValues<typeof OPTIONS>

  /** @throws RtError RT_DRIVER_OPTION */
  constructor(context: DriverContext) {
    this.#options = declaredOptions('storage.tmpfs', context.options, OPTIONS)
  }

  async probe(): Promise<Probe> {
    const known = readFileSync('/proc/filesystems', 'utf8')
    const missing = ['tmpfs', 'overlay'].find((type) => !known.includes(`\t${type}\n`))
    return missing === undefined
      ? { ok: true, detail: `containers write to memory, ${this.#options.size} at most each` }
      : { ok: false, reason: `this kernel has no ${missing}`, remedy: `Load it with \`modprobe ${missing}\`.` }
  }

  async prepare(request: StorageRequest): Promise<StoragePlan> {
    return planTmpfs(request, { ...this.#options, rootMode: statSync(request.layers[0]).mode & 0o7777 })
  }
}
