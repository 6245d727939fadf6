import { isRtError, RtError } from '@rt/driver-api'
import { type Image, loadFiles } from '@rt/images'
import { errorCode } from '@rt/native'
import type { ContainerRecord } from '../store/record.ts'
import { withChanges } from './changes.ts'
import { type CommitRequest, commitContainer } from './commit.ts'
import { type FilesContext, imageOf } from './context.ts'
import { type CopyRequest, type CopySide, copyFiles, parseCopySide } from './cp.ts'
import { exportFiles, intoFile } from './export.ts'

export type { CommitRequest } from './commit.ts'
export type { CopyRequest, CopySide } from './cp.ts'

/** One line of `rt diff`; the path is bytes, because a file name need not be UTF-8. */
export interface FileChange {
  readonly kind: 'A' | 'C' | 'D'
  readonly path: Buffer
}

/** What is done to the files of containers, running or not. */
export class ContainerFiles {
  readonly #context: FilesContext
  readonly #find: (text: string) => ContainerRecord

  constructor(context: FilesContext, find: (text: string) => ContainerRecord) {
    this.#context = context
    this.#find = find
  }

  /** The two words of `rt cp`. */
  parseSides(from: string, to: string): { readonly from: CopySide; readonly to: CopySide } {
    return { from: parseCopySide(from), to: parseCopySide(to) }
  }

  copy(request: CopyRequest): Promise<void> {
    return refused(async () => copyFiles(await loadFiles(), this.#context, this.#find, request))
  }

  /** `to`: a path, or an open descriptor. */
  export(container: string, to: string | number): Promise<void> {
    return refused(async () => {
      const tools = await loadFiles()
      const record = this.#find(container)
      const write = (fd: number): Promise<void> => exportFiles(tools, this.#context, record, fd)
      await (typeof to === 'number' ? write(to) : intoFile(to, write))
    })
  }

  commit(container: string, request: CommitRequest): Promise<Image> {
    return refused(async () => commitContainer(await loadFiles(), this.#context, this.#find(container), request))
  }

  /** What the container has changed in the files of its image, sorted by path. */
  changes(container: string): Promise<FileChange[]> {
    return refused(async () => {
      const tools = await loadFiles()
      const record = this.#find(container)
      return withChanges(tools, this.#context, record, imageOf(this.#context, record), (changes) =>
        tools.listChanges(changes).map(([kind, path]) => ({ kind, path: Buffer.from(path, 'latin1') })),
      )
    })
  }
}

/** A command on a container that could not be done ends with 1, as Docker's does; 125 is for a container that could not be run. */
const refused = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (errorCode(error) === 'EPIPE')
      throw new RtError('RT_STEP_FAILED', 'Whoever read the archive has gone before its end', {
        exitCode: 1,
        remedy: 'Nothing is wrong with the container.',
        cause: error,
      })
    if (!isRtError(error) || error.exitCode !== 125) throw error
    throw new RtError(error.code, error.message, { remedy: error.remedy, cause: error, exitCode: 1 })
  }
}
