import { closeSync, constants, openSync } from 'node:fs'
import type { HostStep } from '@rt/driver-api'
import { joinProject, limitProject } from '../sys/quota.ts'

/** Errors: SyscallError. */
export const performQuota = ({ paths, project, bytes }: HostStep & { readonly op: 'quota.limit' }): void => {
  for (const path of paths) {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    try {
      joinProject(fd, project, path)
      limitProject(fd, project, bytes, path)
    } finally {
      closeSync(fd)
    }
  }
}
