import type { Step } from '@rt/driver-api'

/** Where the operation is described, for steps that name no place of their own. */
const OPERATIONS: Readonly<Record<string, string>> = {
  'link.add': 'ip-link(8)',
  'link.set': 'ip-link(8)',
  'link.del': 'ip-link(8)',
  'link.await': 'Documentation/networking/operstates.rst',
  'addr.add': 'ip-address(8)',
  'route.add': 'ip-route(8)',
  sysctl: 'sysctl(8)',
  exec: 'execve(2)',
  'helper.start': 'execve(2)',
  'conntrack.flush': 'conntrack(8)',
  'dir.make': 'mkdir(2)',
  'file.write': 'open(2)',
  'file.link': 'link(2)',
  'file.remove': 'unlink(2)',
  'dir.remove': 'rmdir(2)',
  'tree.remove': 'rm(1)',
  'tree.copy': 'cp(1)',
  'quota.limit': 'quotactl(2)',
  'lines.make': 'hosts(5)',
  'lines.add': 'hosts(5)',
  'lines.join': 'hosts(5)',
  'lines.part': 'hosts(5)',
  'lines.remove': 'hosts(5)',
  'cgroup.make': 'cgroups(7)',
  'cgroup.write': 'cgroups(7)',
  'cgroup.devices': 'https://docs.kernel.org/admin-guide/cgroup-v2.html#device-controller',
  'cgroup.gather': 'cgroups(7)',
  'cgroup.freeze': 'cgroups(7)',
  'cgroup.kill': 'cgroups(7)',
  'cgroup.remove': 'cgroups(7)',
  'namespace.unshare': 'namespaces(7)',
  mount: 'mount(2)',
  'mounted.mkdir': 'mkdir(2)',
  'mount.keep': 'open_tree(2)',
  'inside.fill': 'cp(1)',
  'root.set': 'openat2(2)',
  'root.enter': 'pivot_root(2)',
  'root.readonly': 'mount(8)',
  'inside.mkdir': 'mkdir(2)',
  'inside.symlink': 'symlink(2)',
  'inside.mknod': 'mknod(2)',
  'inside.mask': 'mount(8)',
  'inside.readonly': 'mount(8)',
  'inside.sysctl': 'sysctl(8)',
  hostname: 'uts_namespaces(7)',
  terminal: 'pty(7)',
  'process.reset': 'execve(2)',
  'process.capabilities': 'capabilities(7)',
  'process.user': 'credentials(7)',
  'process.groups': 'group(5)',
  'process.no_new_privs': 'PR_SET_NO_NEW_PRIVS(2const)',
  'process.seccomp': 'seccomp(2)',
  'process.rlimit': 'getrlimit(2)',
  'process.oom_score_adj': 'proc_pid_oom_score_adj(5)',
  'process.init': 'pid_namespaces(7)',
  'process.chdir': 'chdir(2)',
  'process.exec': 'execve(2)',
}

/** Where to read more about a step: its own pointer, or its operation's. Drivers of others may know operations that we do not. */
export const pointerOf = (step: Step): string => step.see ?? OPERATIONS[step.op] ?? 'docs/explain.md'

/** `veth(4)`, `mount(8), nodev`, `PR_SET_NO_NEW_PRIVS(2const)` */
const MAN_PAGE = /^([\w.@+-]+)\((\d\w*)\)/

/** A pointer's address on the web; undefined: it has none, as a page of this project's own documentation. */
export const addressOf = (pointer: string): string | undefined => {
  if (pointer.startsWith('https://')) return pointer
  if (pointer.startsWith('Documentation/'))
    return `https://docs.kernel.org/${pointer.slice('Documentation/'.length).replace(/\.rst$/, '.html')}`
  const [, name, section] = MAN_PAGE.exec(pointer) ?? []
  return name === undefined ? undefined : `https://manpages.debian.org/${name}.${section}`
}

/** A pointer as people read it beside a link: an address of the kernel's documentation by its path. */
export const nameOf = (pointer: string): string => pointer.replace(/^https:\/\/docs\.kernel\.org\//, '')
