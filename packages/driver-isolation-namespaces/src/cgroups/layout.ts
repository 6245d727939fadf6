/** Where this host's control groups are mounted, as far as a container needs them. Mount points are absolute paths. */
export interface CgroupLayout {
  /** `v1`: only hierarchies of controllers; `v2`: only the unified one; `hybrid`: both; `none`: no cgroup file system at all. */
  readonly kind: 'v1' | 'v2' | 'hybrid' | 'none'
  /** v1 hierarchies by controller, `memory` -> `/sys/fs/cgroup/memory`; named ones as `name=systemd`. Writable ones only. */
  readonly controllers: ReadonlyMap<string, string>
  /** The unified hierarchy, where it is writable. */
  readonly unified?: string
}

/** Mount options of a v1 hierarchy that are no controllers. */
const NO_CONTROLLER = new Set(['rw', 'ro', 'noprefix', 'clone_children', 'xattr', 'cpuset_v2_mode'])

/**
 * Reads the layout from the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). A hierarchy that is mounted read-only, as in many
 * containers, counts for `kind` but is not offered.
 */
export function parseCgroupLayout(mountinfo: string): CgroupLayout {
  const controllers = new Map<string, string>()
  let [anyV1, anyV2] = [false, false]
  let unified: string | undefined
  for (const line of mountinfo.split('\n')) {
    const separator = line.indexOf(' - cgroup')
    if (separator < 0) continue
    const [, , , , target = '', mountOptions = ''] = line.slice(0, separator).split(' ')
    const [type, , superOptions = ''] = line.slice(separator + 3).split(' ')
    const words = superOptions.split(',')
    const writable = !mountOptions.split(',').includes('ro') && !words.includes('ro')
    const path = decodePath(target)
    if (type === 'cgroup2') {
      anyV2 = true
      if (writable) unified ??= path
    } else if (type === 'cgroup') {
      anyV1 = true
      for (const word of words) {
        if (writable && !NO_CONTROLLER.has(word) && !word.startsWith('release_agent=') && !controllers.has(word)) {
          controllers.set(word, path)
        }
      }
    }
  }
  const kind = anyV1 ? (anyV2 ? 'hybrid' : 'v1') : anyV2 ? 'v2' : 'none'
  return unified === undefined ? { kind, controllers } : { kind, controllers, unified }
}

/** The kernel writes space, tab, newline and backslash as three octal digits. */
export const decodePath = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
