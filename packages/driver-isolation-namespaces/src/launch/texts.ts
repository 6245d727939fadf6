/** Why a well-known mount of the container is there, and where to read about it. */
export interface Text {
  readonly why: string
  readonly see: string
}

export const SHARED_PROC: Text = {
  why: 'It was asked that the container share a pid namespace: this proc shows all processes of that.',
  see: 'pid_namespaces(7)',
}

export const MOUNT_TEXTS: Readonly<Record<string, Text>> = {
  '/proc': {
    why: "A proc mounted inside the new pid namespace shows the container's processes only, and ps reads it.",
    see: 'proc(5)',
  },
  '/dev': {
    why: "A fresh /dev in memory takes the place of whatever device nodes the image brings, so none of the host's disks is in it.",
    see: 'tmpfs(5)',
  },
  '/dev/pts': {
    why: "A devpts instance of its own keeps the container from seeing or opening the host's terminals.",
    see: 'pts(4)',
  },
  '/sys': {
    why: 'Programs look up devices and network interfaces in sysfs; it is read-only because writing there configures the host.',
    see: 'sysfs(5)',
  },
  '/sys/fs/cgroup': {
    why: 'The container sees its own control group as the top of the tree, and cannot change its limits.',
    see: 'cgroup_namespaces(7)',
  },
  '/dev/mqueue': {
    why: 'POSIX message queues belong to the IPC namespace, so the container gets a view of its own ones.',
    see: 'mq_overview(7)',
  },
  '/dev/shm': {
    why: 'POSIX shared memory lives in this tmpfs, whose size limits how much of the host memory it can take.',
    see: 'shm_overview(7)',
  },
  '/etc/resolv.conf': {
    why: "The name servers depend on the container's network, so they are bound over the image's file instead of written into it.",
    see: 'resolv.conf(5)',
  },
  '/etc/hosts': { why: 'The container must find its own name without asking a name server.', see: 'hosts(5)' },
  '/etc/hostname': { why: 'Some programs read the host name from this file.', see: 'hostname(5)' },
}

export const bindText = (source: string, destination: string): Text => ({
  why: `The user asked to see ${source} of the host at ${destination}.`,
  see: 'mount(8), bind mounts',
})

export const tmpfsText = (destination: string): Text => ({
  why: `The user asked for ${destination} to be kept in memory only.`,
  see: 'tmpfs(5)',
})
