import { constants, openSync } from 'node:fs'
import type { Image } from '@rt/images'
import { O_PATH } from '@rt/native/fsat'
import { HOST_FILES } from '../names/host-files.ts'
import { DEFAULT_MOUNTS } from '../spec/mounts.ts'
import type { ContainerRecord } from '../store/record.ts'
import type { FileTools } from './access.ts'
import type { FilesContext } from './context.ts'
import { viewFiles } from './view.ts'

/** Where rt mounts something of its own in every container: Docker hides the same in its init layer. */
const HIDDEN: ReadonlySet<string> = new Set([
  ...DEFAULT_MOUNTS.map(({ destination }) => destination),
  ...HOST_FILES.map((name) => `/etc/${name}`),
  '/dev/console',
])

export type Changes = ReturnType<FileTools['findChanges']>

/** Has `use` look at what the container changed in its image's files, while both are open. */
export const withChanges = async <T>(
  tools: FileTools,
  context: FilesContext,
  record: ContainerRecord,
  image: Image,
  use: (changes: Changes, now: ReturnType<FileTools['plainNode']>) => T | Promise<T>,
): Promise<T> => {
  const { root, upper } = await viewFiles(context, record, image.layers)
  // The upper directory has only what changed, so it is looked at where a driver offers both.
  const now = tools.plainNode(openSync((upper ?? root) as string, O_PATH | constants.O_DIRECTORY))
  try {
    const before = tools.openMerged(image.layers)
    try {
      return await use(tools.findChanges({ now, isComplete: upper === undefined, before, hidden: HIDDEN }), now)
    } finally {
      before.close()
    }
  } finally {
    now.close()
  }
}
