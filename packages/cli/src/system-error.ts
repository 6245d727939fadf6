import { RtError } from '@rt/driver-api'

/** What the kernel refused where nothing of rt expected it, in words if it is the user's and not rt's fault; undefined: it is not. */
export const systemError = (error: unknown): RtError | undefined => {
  const { code, path, syscall, message } = error as NodeJS.ErrnoException
  const words = (as: string, sentence: string, remedy?: string): RtError =>
    new RtError(as, sentence, { cause: error, ...(remedy !== undefined && { remedy }) })
  const what = path ?? 'What rt writes'
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return words(
      'RT_DISK_FULL',
      `${what} cannot be written: there is no space left.`,
      'Free some, or write to another place.',
    )
  if (code === 'EPIPE' && syscall === 'write')
    return words(
      'RT_STEP_FAILED',
      'Whoever read the output has gone before its end.',
      'Nothing is wrong with what was read.',
    )
  if (code === 'EMFILE' || code === 'ENFILE' || /Too many open files/.test(message))
    return words('RT_STEP_FAILED', 'Too many files are open.', 'Allow more: ulimit -n 1024.')
  if ((code === 'EACCES' || code === 'EPERM') && process.geteuid?.() !== 0)
    return words('RT_NOT_ROOT', `${what} is root's.`)
  if (code === 'EROFS') return words('RT_READ_ONLY', `${what} is on a file system that is read-only.`)
  if (path !== undefined && (code === 'ENOTDIR' || code === 'EISDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG'))
    return words('RT_USAGE', `${path} cannot be used: ${message}`, 'Check that path, --root and RT_ROOT.')
  return undefined
}
