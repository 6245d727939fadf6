import { closeSync, constants, fchmodSync, openSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { RtError } from '@rt/driver-api'
import { O_PATH, writeAll } from '@rt/native/fsat'
import type { ContainerRecord } from '../store/record.ts'
import type { FileTools } from './access.ts'
import { type FilesContext, imageOf } from './context.ts'
import { viewFiles } from './view.ts'

/**
 * Writes the container's whole root as an archive: its own files and the image's, without what is mounted in it (volumes, /proc, /sys, /dev).
 * Errors: RT_DRIVER_LACKS, RT_IMAGE_UNKNOWN.
 */
export const exportFiles = async (
  tools: FileTools,
  context: FilesContext,
  record: ContainerRecord,
  fd: number,
): Promise<void> => {
  const root = await openRoot(tools, context, record)
  try {
    const encoder = new tools.TarEncoder((bytes) => writeAll(fd, bytes))
    tools.finish(new tools.TreeReader(encoder).tree(root, ''))
    encoder.finish()
  } finally {
    root.close()
  }
}

/** The whole of a container's files, without what is mounted in it. */
export const openRoot = async (
  tools: FileTools,
  context: FilesContext,
  record: ContainerRecord,
): Promise<ReturnType<FileTools['plainNode']>> => {
  const { layers } = imageOf(context, record)
  const { root, upper } = await viewFiles(context, record, layers)
  if (root !== undefined) return tools.plainNode(openSync(root, O_PATH | constants.O_DIRECTORY))
  return tools.openMerged(upper === undefined ? layers : [upper, ...layers])
}

/** Has `write` fill a file, which gets its name when it is complete; a device or FIFO is written to as it is. Errors: RT_PATH_*. */
export const intoFile = async (path: string, write: (fd: number) => Promise<void>): Promise<void> => {
  const present = statSync(path, { throwIfNoEntry: false })
  if (present?.isDirectory()) throw new RtError('RT_PATH_UNFIT', `${path} is a directory`)
  const isFile = present === undefined || present.isFile()
  const temporary = isFile ? join(dirname(path), `.${basename(path)}.${process.pid}.part`) : path
  let fd: number
  try {
    fd = openSync(temporary, isFile ? 'wx' : 'w', 0o600)
  } catch (error) {
    throw new RtError('RT_PATH_UNKNOWN', `${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
  try {
    await write(fd)
    if (isFile) fchmodSync(fd, present === undefined ? 0o600 : present.mode & 0o777)
    if (isFile) renameSync(temporary, path)
  } catch (error) {
    if (isFile) unlinkSync(temporary)
    throw error
  } finally {
    closeSync(fd)
  }
}
