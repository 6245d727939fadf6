import type {
  ArchiveFormat,
  Image,
  PrunedImages,
  Pulled,
  PullOptions,
  Pushed,
  PushOptions,
  RemovedImage,
} from '@rt/images'
import type { BuildRequest } from '../build/request.ts'
import type { DetailedUsage, DiskUsage } from '../images/disk-usage.ts'
import { Parts } from './parts.ts'
import { requireRoot } from './require-root.ts'

export interface ImagesToPrune {
  readonly all: boolean
  readonly filters?: readonly string[]
}

/** Images: from where they come, where they go, and what they take on disk. */
export abstract class WithImages extends Parts {
  /** @throws RtError RT_IMAGE_UNKNOWN, RT_IMAGE_IN_USE */
  async removeImage(text: string, options: { readonly force?: boolean } = {}): Promise<RemovedImage> {
    requireRoot()
    // Asked under the image store's lock, so that a container that was recorded meanwhile counts.
    const user = (id: string): string | undefined =>
      this.list().find(({ record }) => record.image.id === id)?.record.name
    return this.images.remove(text, user, options)
  }

  /** Errors: see ImageStore.pull. */
  async pullImage(reference: string, options: PullOptions): Promise<Pulled> {
    requireRoot()
    const { inTurn } = await import('../images/obtain.ts')
    return inTurn(() => this.images.pull(reference, { ...this.registryAccess(), ...options }))
  }

  /** Errors: see ImageStore.push. */
  async pushImage(reference: string, options: PushOptions): Promise<Pushed> {
    requireRoot()
    return this.images.push(reference, { ...this.registryAccess(), ...options })
  }

  /** Writes images as one archive, into a file or to a descriptor. Errors: RT_IMAGE_UNKNOWN, RT_PATH_*. */
  async saveImages(names: readonly string[], format: ArchiveFormat, target: string | number): Promise<void> {
    requireRoot()
    return (await import('../images/save.ts')).saveImages(this.images, names, format, target)
  }

  /** See `buildImage`. */
  async build(request: BuildRequest, tell: (line: string) => void): Promise<Image> {
    requireRoot()
    const { buildImage } = await import('../build/index.ts')
    return buildImage({ layout: this.layout, images: this.images, access: this.registryAccess() }, request, tell)
  }

  /** Takes away what builds have kept for the next one, and answers how many bytes that were. Errors: RT_BUILD_RUNNING. */
  async pruneBuilds(): Promise<number> {
    requireRoot()
    return (await import('../build/index.ts')).pruneBuildCache(this.layout)
  }

  /** See ImageStore.prune. `filters` as of `prune`; an image that does not say when it was made is older than all. */
  async pruneImages({ all, filters = [] }: ImagesToPrune): Promise<PrunedImages> {
    requireRoot()
    const { pruneTest } = await import('../filters/prune.ts')
    const fits = pruneTest(filters)
    const test = (id: string): boolean => {
      const { created, config } = this.images.find(id)?.config ?? {}
      return fits({ created: created ?? '1970-01-01', labels: config?.Labels })
    }
    return this.images.prune((id) => this.list().some(({ record }) => record.image.id === id), { all, test })
  }

  /** What is on disk. */
  async usage(): Promise<DiskUsage> {
    requireRoot()
    return (await import('../images/disk-usage.ts')).diskUsage(this.context())
  }

  /** What each image, container and volume has there. */
  async detailedUsage(): Promise<DetailedUsage> {
    requireRoot()
    return (await import('../images/disk-usage.ts')).detailedUsage(this)
  }
}
