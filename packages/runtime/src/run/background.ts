import type { ContainerId } from '@rt/driver-api'
import type { BackgroundOptions } from '@rt/native'
import type { Layout } from '../layout.ts'
import type { RunRequest } from '../request.ts'

/**
 * Whether a container gets the caller's own descriptors: no copy, no process in between, and so no log and no door. Only where nobody
 * else can want them, because it goes when it ends and is in front until then.
 */
export const isDirect = ({ detach, autoRemove, spec }: RunRequest): boolean => !detach && autoRemove && !spec.tty

/** What the monitor of all others does for them. */
export const backgroundOptions = (
  layout: Layout,
  id: ContainerId,
  { log, restart }: RunRequest,
): BackgroundOptions => ({
  door: layout.door(id),
  spoolDirectory: layout.container(id),
  ...(log?.driver !== 'none' && { log: { ...log, path: layout.log(id) } }),
  ...(restart &&
    restart.name !== 'no' && {
      restart: {
        policy: restart.name === 'on-failure' ? restart.name : 'always',
        ...(restart.max !== undefined && { max: restart.max }),
        stoppedFile: layout.stopped(id),
      },
    }),
})
