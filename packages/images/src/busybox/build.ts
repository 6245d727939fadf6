import { readFileSync, statSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { layerConfig } from '../import/import-archive.ts'
import { canonical } from '../reference/format.ts'
import { parseReference } from '../reference/parse.ts'
import { commitImage } from '../store/commit.ts'
import type { Image } from '../store/image.ts'
import type { Layout } from '../store/layout.ts'
import { openWorkspace } from '../store/workspace.ts'
import { END_MARK, writeMember } from '../tar/writer.ts'
import { plainLayer } from '../unpack/plain-layer.ts'
import { appletPaths, PROGRAM } from './applets.ts'
import { isStaticElf } from './elf.ts'
import { BUSYBOX } from './name.ts'
import { DIRECTORIES, FILES } from './root-files.ts'

const CANDIDATES = ['/bin/busybox', '/usr/bin/busybox', '/bin/busybox.static', '/usr/local/bin/busybox']
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Builds the image `busybox` from a static busybox of this machine and puts it into the store. The same program gives the same image,
 * id and all. When another process was faster, its image is answered. Errors: RT_IMAGE_UNKNOWN, RT_TOOL_MISSING, RT_DISK_FULL.
 */
export const buildBusybox = async (layout: Layout, candidates: readonly string[] = CANDIDATES): Promise<Image> => {
  const program = findStatic(candidates)
  const workspace = openWorkspace(layout)
  try {
    const layer = await plainLayer(workspace, {}, async (push) => {
      for (const piece of archive(program)) push(piece)
    })
    const config = layerConfig(
      layer,
      { Env: [PATH], Cmd: ['sh'] },
      new Date(program.mtime * 1000).toISOString(),
      `built by rt from ${program.path}`,
    )
    const reference = canonical(parseReference(BUSYBOX))
    return commitImage(layout, workspace, { reference, config, layers: [layer], keepExisting: true })
  } finally {
    workspace.dispose()
  }
}

interface Program {
  readonly path: string
  readonly content: Buffer
  /** Whole seconds since the epoch. */
  readonly mtime: number
}

const findStatic = (candidates: readonly string[]): Program => {
  for (const path of candidates) {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isFile() !== true) continue
    const content = readFileSync(path)
    if (isStaticElf(content)) return { path, content, mtime: Math.floor(stat.mtimeMs / 1000) }
  }
  throw new RtError(
    'RT_IMAGE_UNKNOWN',
    'No image "busybox" is in the store, and this machine has no static busybox to build it from.',
    { remedy: 'Install it (Debian, Ubuntu: apt-get install busybox-static), or bring an image in with `rt import`.' },
  )
}

/** The image's only layer as a tar archive, so that its diffID is what any other tool would compute. */
function* archive({ path, content, mtime }: Program): Generator<Buffer> {
  for (const [name, mode] of DIRECTORIES) yield writeMember({ type: 'dir', path: `${name}/`, mode, mtime })
  for (const [name, mode, text] of FILES)
    yield writeMember({ type: 'file', path: name, mode, mtime, content: Buffer.from(text) })
  yield writeMember({ type: 'file', path: PROGRAM, mode: 0o755, mtime, content })
  for (const name of appletPaths(path))
    yield writeMember({ type: 'link', path: name, linkpath: PROGRAM, mode: 0o755, mtime })
  yield END_MARK
}
