import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** What planning asks of this host's cgroup file systems; tests answer from a table. */
export interface CgroupHost {
  /** undefined: there is no such file. */
  read(path: string): string | undefined
  exists(path: string): boolean
  /** Paths of the directories in a directory. */
  children(path: string): readonly string[]
}

export const thisHost: CgroupHost = {
  read(path) {
    try {
      return readFileSync(path, 'latin1')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // ENODEV: the cgroup was removed while it was open. ESRCH: the process ended.
      if (code === 'ENOENT' || code === 'ENODEV' || code === 'ESRCH') return undefined
      throw error
    }
  },
  exists: existsSync,
  children: (path) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => inDirectory(path, name)),
}

export const inDirectory = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`

/** The container's directory in a hierarchy. */
export const groupPath = (hierarchy: string, id: string): string => inDirectory(hierarchy, `rt-${id}`)
