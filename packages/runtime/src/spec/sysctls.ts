import { type NetworkPlan, RtError } from '@rt/driver-api'
import type { SpecFlags } from './input.ts'

/** Those that the IPC namespace has its own of; besides fs.mqueue.* and, with a network namespace, net.*. */
const OF_IPC = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
])

/** Names between dots or slashes, none of them empty: two separators in a row would become `..`, a way out of the tree. */
const KEY = /^[\w-]+([./][\w:@-]+)+$/

/**
 * `--sysctl KEY=VALUE`, only those of the container's own namespaces, as in Docker.
 * @throws RtError RT_USAGE
 */
export function parseSysctls(
  given: readonly string[] = [],
  { network, ipc }: { readonly network: NetworkPlan['namespace']; readonly ipc?: SpecFlags['ipc'] | undefined },
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf('=')
      const [key, value] = [text.slice(0, equals), text.slice(equals + 1)]
      const wrong = (problem: string, remedy: string) =>
        new RtError('RT_USAGE', `--sysctl ${text}: ${problem}`, { remedy })
      if (equals < 1 || value === '' || !KEY.test(key)) {
        throw wrong('this is not KEY=VALUE.', 'Write --sysctl net.ipv4.ip_forward=1.')
      }
      if (key.startsWith('net.') && network === 'host') {
        throw wrong("with the host's network it would change the host.", 'Leave it out, or use another network.')
      }
      if (!key.startsWith('net.') && ipc === 'host' && (OF_IPC.has(key) || key.startsWith('fs.mqueue.'))) {
        throw wrong('with --ipc=host it would change the host.', 'Leave it out, or set it on the host with sysctl(8).')
      }
      if (!OF_IPC.has(key) && !key.startsWith('net.') && !key.startsWith('fs.mqueue.')) {
        throw wrong(
          'it belongs to no namespace, so it would change the whole host.',
          'Set it on the host with sysctl(8), or use kernel.msg*, kernel.sem, kernel.shm*, fs.mqueue.* or net.*.',
        )
      }
      return [key, value]
    }),
  )
}
