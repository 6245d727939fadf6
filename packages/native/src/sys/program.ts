import { accessSync, constants } from 'node:fs'
import { errorCode } from './errno.ts'

/** Root's PATH under sudo and cron often lacks the directories where iptables lies. */
export const searchPath = (): string => `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`

/** Where a program lies; undefined: it is not installed. */
export const findProgram = (name: string): string | undefined =>
  name.includes('/')
    ? name
    : searchPath()
        .split(':')
        .filter((directory) => directory.startsWith('/'))
        .map((directory) => `${directory}/${name}`)
        .find(isExecutable)

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error) ?? '')) return false
    throw error
  }
}
