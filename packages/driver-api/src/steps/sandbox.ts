import type { StepText } from './text.ts'

/** Linux mount flags by their mount(8) names; the shim gets the numbers. */
export type MountFlag =
  | 'ro'
  | 'nosuid'
  | 'nodev'
  | 'noexec'
  | 'noatime'
  | 'relatime'
  | 'strictatime'
  | 'bind'
  | 'rec'
  | 'remount'
  | 'private'
  | 'slave'
  | 'shared'
  | 'unbindable'

/**
 * Executed in order by the container's first process, after it has entered its namespaces.
 *
 * `inside: true` says that a path is the container's: before `root.enter` it is resolved below the mounted root as if that were `/`
 * (openat2 RESOLVE_IN_ROOT: links of the image cannot lead out); after it the path is simply the path.
 */
export type SandboxStep = StepText & { readonly where: 'sandbox' } & SandboxOperation

export type SandboxOperation =
  | { readonly op: 'namespace.unshare'; readonly namespaces: readonly ('cgroup' | 'time')[] }
  /**
   * One mount(2). `target` of a mount that is not `inside` is a host path; `/` with `rec`+`private` cuts the container's mount tree off
   * from the host's. `source` is always a host path, opened before the root is entered.
   */
  | {
      readonly op: 'mount'
      readonly source: string
      readonly target: string
      readonly inside: boolean
      readonly type?: string
      readonly flags: readonly MountFlag[]
      /** File system options, `mode=755,size=65536k` */
      readonly data?: string
      /** What to create where the target is missing. */
      readonly create?: 'dir' | 'file'
      /** A host directory that `source` is below: links in it lead nowhere else (openat2 RESOLVE_IN_ROOT), whoever changes them meanwhile. */
      readonly beneath?: string
      /** The mount that `mount.keep` has put there is attached, in place of a new one of `source`. */
      readonly kept?: number
      /** A directory of the host: relative paths in `data` begin there. It makes long lists of directories fit into a page. */
      readonly from?: string
    }
  /**
   * One directory of a file system that an earlier mount of this list has brought, by its host path: what the host cannot make beforehand.
   * Its parent is there; one that is there itself is no error and keeps its mode.
   */
  | { readonly op: 'mounted.mkdir'; readonly path: string; readonly mode: number }
  /**
   * Takes hold of the mounts at `source` as they are now, for a later `mount` with this number: a mount that is made only after the tree has
   * been cut off from the host's (`/` with `rec`+`private`) would share no events with the host's. See mount_namespaces(7).
   */
  | { readonly op: 'mount.keep'; readonly source: string; readonly kept: number }
  /** Declares the mounted root directory: what `inside` means from here on. */
  | { readonly op: 'root.set'; readonly path: string }
  /** `mkdir -p` inside; an existing directory is no error and keeps its mode. */
  | { readonly op: 'inside.mkdir'; readonly path: string; readonly mode: number }
  | { readonly op: 'inside.symlink'; readonly path: string; readonly target: string }
  | {
      readonly op: 'inside.mknod'
      readonly path: string
      readonly type: 'c' | 'b'
      readonly major: number
      readonly minor: number
      readonly mode: number
    }
  /**
   * Copies the content of the directory `path` inside, and its own owner and mode, into the host directory `into`, if that is empty. One
   * after the other, by the lock of the file `lock`. While it copies, the file `marker` is there: whoever finds it copies again, over what a
   * killed one has left. Where `once` is there it does nothing, and at the end it is.
   */
  | {
      readonly op: 'inside.fill'
      readonly path: string
      readonly into: string
      readonly lock: string
      readonly marker: string
      readonly once: string
    }
  /** Hides a file behind /dev/null and a directory behind an empty read-only tmpfs; a missing path is no error. */
  | { readonly op: 'inside.mask'; readonly path: string }
  /** Makes a path read-only by a bind mount onto itself, with all mounts below; a missing path is no error. */
  | { readonly op: 'inside.readonly'; readonly path: string }
  /**
   * `pivot`: pivot_root(2), and chroot where the kernel says EINVAL because the present root cannot be pivoted (an initramfs);
   * `chroot`: MS_MOVE and chroot at once.
   */
  | { readonly op: 'root.enter'; readonly mode: 'pivot' | 'chroot' }
  /** Remounts the root itself read-only. */
  | { readonly op: 'root.readonly' }
  | { readonly op: 'hostname'; readonly name: string }
  /** Allocates the terminal from the container's own devpts, makes it the controlling one and /dev/console. */
  | { readonly op: 'terminal' }
  /** Dispositions to default, mask empty, resource limits to what the caller had before Node raised them, umask 022. */
  | { readonly op: 'process.reset'; readonly nofile: readonly [soft: number, hard: number] }
  /** Drops every other capability from the bounding set; permitted, effective and inheritable follow with `process.user`. */
  | { readonly op: 'process.capabilities'; readonly keep: readonly string[] }
  /** `user[:group]` by name or number, looked up in the container's /etc/passwd and /etc/group; sets HOME where unset. */
  | { readonly op: 'process.user'; readonly user: string; readonly additionalGids: readonly number[] }
  /** Groups by name or number for the `process.user` that follows, looked up in the container's /etc/group. */
  | { readonly op: 'process.groups'; readonly groups: readonly string[] }
  | { readonly op: 'process.no_new_privs' }
  /** A classic BPF program: struct sock_filter[], base64. */
  | { readonly op: 'process.seccomp'; readonly filter: string; readonly summary: string }
  /** Any but RLIMIT_NOFILE, which `process.reset` sets. -1: no limit. */
  | { readonly op: 'process.rlimit'; readonly type: string; readonly soft: number; readonly hard: number }
  | { readonly op: 'process.oom_score_adj'; readonly value: number }
  /** In dotted form; written to the /proc/sys of the container, before it becomes read-only. */
  | { readonly op: 'inside.sysctl'; readonly key: string; readonly value: string }
  /** Forks: the first process stays behind to reap and to forward signals, and the steps that follow are its child's. */
  | { readonly op: 'process.init' }
  /** Makes it where it is missing, as Docker does for WORKDIR. */
  | { readonly op: 'process.chdir'; readonly path: string }
  /** Ends the list. `argv[0]` without a slash is searched in the PATH of `env`. */
  | { readonly op: 'process.exec'; readonly argv: readonly [string, ...string[]]; readonly env: readonly string[] }
