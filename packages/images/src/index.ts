/** The image store. Looking an image up loads only small files; importing loads the rest when it is asked for. */
export type { ArchiveFormat, LoadOptions } from './archive/options.ts'
export { ensureBusybox } from './busybox/ensure.ts'
export { BUSYBOX, isBusybox } from './busybox/name.ts'
export type { ImageCommit } from './commit/options.ts'
export type { ExecutionConfig, ImageConfig, ImageHistory } from './config/image-config.ts'
export { ImageStore } from './image-store.ts'
export type { ImportOptions, ImportProgress } from './import/options.ts'
export { isFolderId, isPath } from './path/folder.ts'
export { fitsPlatform, runsHere } from './platform.ts'
export { canonical, familiar, familiarName } from './reference/format.ts'
export { type ImageReference, parseReference } from './reference/parse.ts'
export type { LayerProgress, PullOptions, PushOptions, PushProgress } from './registry/options.ts'
export type { Pulled } from './registry/pull.ts'
export type { Pushed } from './registry/push.ts'
export type { RegistryAccess, RegistrySettings } from './registry/settings.ts'
export type { ServedStore } from './serve/serve-store.ts'
export type { Image, ImageSummary, RemovedImage } from './store/image.ts'
export type { PrunedImages } from './store/prune.ts'
export type { StoreUsage } from './store/usage.ts'
export type { UnpackLimits } from './unpack/limits.ts'

/** Reading and writing trees of files, for copies and archives; no start of a container needs it. */
export const loadFiles = (): Promise<typeof import('./files/index.ts')> => import('./files/index.ts')

/** Registries, for what is not about an image: logging in and out. */
export const loadRegistry = (): Promise<typeof import('./registry/index.ts')> => import('./registry/index.ts')
