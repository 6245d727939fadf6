import type { Listing } from './differences.ts'
import { LIST_KERNEL_STATE, parseListing } from './listing.ts'
import type { Place } from './place.ts'

/** What a world's host holds; compare two with `differences`. */
export type Snapshot = Listing

/**
 * rt's files are all of its directories but what is kept on purpose when containers go: images. The script leaves itself, its children
 * and the world's own first process out of the processes.
 */
const SCRIPT = `${LIST_KERNEL_STATE}
echo @sysctls; read -r value </proc/sys/net/ipv4/ip_forward; echo "ip_forward $value"
echo @cgroups; find -L /sys/fs/cgroup -mindepth 1 -type d 2>/dev/null
echo @files; find /var/lib/rt /run/rt -path /var/lib/rt/images -prune -o -printf '%y %p\\n' 2>/dev/null
echo @sockets; while read -r _ _ _ _ _ _ _ path; do [[ $path != [/@]* ]] || echo "$path"; done </proc/net/unix
echo @processes
for dir in /proc/[0-9]*; do
  pid=\${dir#/proc/}
  [ $pid != 1 ] && [ $pid != $$ ] || continue
  { IFS= read -r stat <$dir/stat && mapfile -d '' args <$dir/cmdline; } 2>/dev/null || continue
  read -r state parent _ _ _ _ flags _ <<<"\${stat##*) }"
  # PF_EXITING: a moment later it is gone, or a zombie.
  (( flags & 4 )) && [ $state != Z ] && continue
  [ $parent != $$ ] || continue
  # Without memory and not yet a zombie it is just ending: there are no threads of the kernel's in here.
  [ \${#args[@]} != 0 ] || [ $state = Z ] || continue
  name=\${stat#*(}
  zombie=
  [ $state != Z ] || zombie=' (zombie)'
  echo "\${args[*]:-[\${name%)*}]}$zombie"
done
`

export async function takeSnapshot(host: Place): Promise<Snapshot> {
  const { code, stdout, stderr } = await host.run(['bash', '-c', SCRIPT])
  if (code !== 0) throw new Error(`no snapshot of the world: ${stderr}`)
  return parseListing(stdout)
}
