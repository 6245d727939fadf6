import type { Readable } from 'node:stream'
import { isRtError, RtError } from '@rt/driver-api'
import { writeAll } from '@rt/native/fsat'
import type { ContainerRecord } from '../store/record.ts'
import { access, type FileTools, hostAccess } from './access.ts'
import type { FilesContext } from './context.ts'

/** `CONTAINER:PATH`, a path of the host, or `-` for an archive on standard input or output. */
export type CopySide =
  | { readonly kind: 'container'; readonly container: string; readonly path: string }
  | { readonly kind: 'host'; readonly path: string }
  | { readonly kind: 'stream' }

/** As Docker reads it: what begins with `/` or `.` is the host's, whatever colons it has. */
export const parseCopySide = (text: string): CopySide => {
  if (text === '-') return { kind: 'stream' }
  if (text === '')
    throw new RtError('RT_USAGE', 'rt cp was given an empty path', { remedy: 'Write . for this directory.' })
  const colon = text.indexOf(':')
  if (colon < 1 || text.startsWith('/') || text.startsWith('.')) return { kind: 'host', path: text }
  return { kind: 'container', container: text.slice(0, colon), path: text.slice(colon + 1) }
}

export interface CopyRequest {
  readonly from: CopySide
  readonly to: CopySide
  /** Keep owners (`-a`); else the copies are root's in a container and the caller's on the host. */
  readonly archive: boolean
  readonly followLink: boolean
  readonly cwd: string
  /** Where an archive comes from and goes to, when a side is a stream. */
  readonly stdin: () => Readable
  readonly stdoutFd: number
  readonly onWarning: (text: string) => void
}

const ROOT = { uid: 0, gid: 0 }

const caller = (): { uid: number; gid: number } => ({ uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 })

/** Errors: RT_USAGE, RT_PATH_*, RT_READ_ONLY, RT_DISK_FULL, RT_ARCHIVE_*, RT_CONTAINER_RUNNING. */
export const copyFiles = async (
  tools: FileTools,
  context: FilesContext,
  find: (text: string) => ContainerRecord,
  request: CopyRequest,
): Promise<void> => {
  const { from, to } = request
  if (from.kind === 'container' && to.kind === 'container')
    throw new RtError('RT_USAGE', 'rt cp does not copy from one container to another', {
      remedy: 'Pipe it: rt cp -a ONE:/path - | rt cp - OTHER:/path',
    })
  if (from.kind === 'container') await copyOut(tools, context, find(from.container), from.path, request)
  else if (to.kind === 'container') await copyIn(tools, context, find(to.container), to.path, request)
  else
    throw new RtError('RT_USAGE', 'rt cp needs a container on one side, written CONTAINER:PATH', {
      remedy: 'For example: rt cp web:/etc/hosts .',
    })
}

const copyOut = async (
  tools: FileTools,
  context: FilesContext,
  record: ContainerRecord,
  path: string,
  { to, archive, followLink, cwd, stdoutFd, onWarning }: CopyRequest,
): Promise<void> => {
  const source = await access(tools, context, record, path, false)
  try {
    if (to.kind === 'stream') {
      const encoder = new tools.TarEncoder((bytes) => writeAll(stdoutFd, bytes))
      tools.finish(tools.archive(source.place, followLink, encoder))
      encoder.finish()
    } else if (to.kind === 'host') {
      const target = hostAccess(tools, cwd, to.path)
      const owner = archive ? undefined : caller()
      try {
        tools.finish(tools.copy(source.place, target.place, { owner, followLink, onWarning }))
      } finally {
        target.release()
      }
    }
  } finally {
    source.release()
  }
}

const copyIn = async (
  tools: FileTools,
  context: FilesContext,
  record: ContainerRecord,
  path: string,
  { from, archive, followLink, cwd, stdin, onWarning }: CopyRequest,
): Promise<void> => {
  const target = await access(tools, context, record, path, true)
  try {
    if (from.kind === 'stream') await unpackInto(tools, target.place, stdin(), onWarning)
    else if (from.kind === 'host') {
      const source = hostAccess(tools, cwd, from.path)
      const owner = archive ? undefined : ROOT
      try {
        tools.finish(tools.copy(source.place, target.place, { owner, followLink, onWarning }))
      } finally {
        source.release()
      }
    }
  } finally {
    target.release()
  }
}

/** Owners are those of the archive. */
const unpackInto = async (
  tools: FileTools,
  place: Parameters<FileTools['openArchiveTarget']>[0],
  stdin: Readable,
  onWarning: (text: string) => void,
): Promise<void> => {
  const { writer, release } = tools.openArchiveTarget(place, onWarning)
  const reader = new tools.TarReader(writer)
  try {
    await tools.pumpArchive(stdin, (piece) => reader.push(piece))
    reader.end()
    writer.finish()
  } catch (error) {
    writer.abandon()
    throw halfUnpacked(tools.writeError(place, writer.current, error))
  } finally {
    release()
    stdin.destroy()
  }
}

const halfUnpacked = (error: unknown): unknown =>
  isRtError(error) && error.code.startsWith('RT_ARCHIVE_')
    ? new RtError(error.code, error.message, {
        cause: error,
        remedy: 'What came before it in the archive was unpacked.',
      })
    : error
