import type { CidFile } from './cid-file.ts'
import type { ParsedFlags } from './command.ts'

/** Of `--cidfile`; undefined: not asked for, and then nothing is loaded. @throws RtError RT_USAGE */
export const openCidFile = async (flags: ParsedFlags): Promise<CidFile | undefined> => {
  const path = flags.text('cidfile')
  return path === undefined ? undefined : (await import('./cid-file.ts')).makeCidFile(path)
}
