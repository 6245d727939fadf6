import { errorCode } from '@rt/native'

/** Where the caller is; one that has been removed has no name, and the kernel's own link leads there none the less. */
export const currentDirectory = (): string => {
  try {
    return process.cwd()
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    return '/proc/self/cwd'
  }
}
