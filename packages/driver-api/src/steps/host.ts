import type { StepText } from './text.ts'

/** Where a link-level step runs: the host's network namespace, or a netlink socket made inside the container's. */
export type NetWhere = 'host' | 'netns'

export type LinkKind =
  | { readonly kind: 'bridge' }
  | { readonly kind: 'dummy' }
  /** The peer is born in the container's namespace in the same message, so that it is never seen on the host. */
  | { readonly kind: 'veth'; readonly peer: { readonly name: string; readonly mac?: string; readonly mtu?: number } }
  /**
   * One more interface on the wire of `parent`, which is always a link of the host. Where the step is `netns`, it is born in the container's
   * namespace under its final name and is never seen on the host.
   */
  | { readonly kind: 'macvlan'; readonly parent: string; readonly mode: MacvlanMode }
  | { readonly kind: 'ipvlan'; readonly parent: string; readonly mode: IpvlanMode }

/** `bridge`: containers of one parent reach each other directly; `private`: never; `vepa`: by the switch; `passthru`: one container alone. */
export type MacvlanMode = 'bridge' | 'private' | 'vepa' | 'passthru'
/** `l2`: as on a wire of their own; `l3`, `l3s`: the host routes between them, without broadcasts (l3s: through its firewall, too). */
export type IpvlanMode = 'l2' | 'l3' | 'l3s'

/** rtnetlink operations. Links are named, never numbered: an index means nothing in a script or after a crash. */
export type LinkOperation =
  | ({ readonly op: 'link.add'; readonly name: string; readonly mac?: string; readonly mtu?: number } & LinkKind)
  | {
      readonly op: 'link.set'
      readonly name: string
      readonly up?: boolean
      readonly master?: string
      readonly mtu?: number
      readonly mac?: string
      /** At most 255 bytes; how rt knows its own interfaces. */
      readonly alias?: string
      /** Of a bridge's port: it may get back what it sent. Only for a link that has its master already. */
      readonly hairpin?: boolean
    }
  /** Idempotent: a link that is gone is no error. */
  | { readonly op: 'link.del'; readonly name: string }
  /** `address` with prefix length. Idempotent: an address that is there is no error. */
  | { readonly op: 'addr.add'; readonly link: string; readonly address: string }
  /**
   * `to`: `default` or a CIDR. `type` `local`: what is for `to` is for this host itself (the kernel's table `local`); one that is there is no
   * error. `metric`: of several routes to the same the one with the lowest counts.
   */
  | {
      readonly op: 'route.add'
      readonly to: string
      readonly via?: string
      readonly link: string
      readonly type?: 'local'
      readonly metric?: number
    }

export type NetnsStep = StepText & { readonly where: 'netns' } & (
    | LinkOperation
    /** `key` in dotted form, `net.ipv6.conf.eth0.disable_ipv6`. */
    | { readonly op: 'sysctl'; readonly key: string; readonly value: string }
  )

export type HostStep = StepText & { readonly where: 'host' } & (
    | LinkOperation
    | { readonly op: 'sysctl'; readonly key: string; readonly value: string }
    /**
     * The escape hatch, for programs that have no API (iptables). No shell: argv as it is. `stdin` is text. `allowFailure`:
     * a clean-up of what may be gone already. `shell`: the same for people, where stdin is a batch that reads badly.
     */
    | {
        readonly op: 'exec'
        readonly argv: readonly [string, ...string[]]
        readonly stdin?: string
        readonly allowFailure?: boolean
        /** A file whose lock is held while the program runs: for programs that do not bear company of their own kind. */
        readonly lock?: string
        /**
         * A success adds so much to the number in the lock's file: how many transactions the program makes of it. Who compares that number
         * with the kernel's own count of changes can tell whether somebody else changed anything.
         */
        readonly counts?: number
        /** Descriptor 3 of the program is the container's network namespace: `/proc/self/fd/3`. Not in `leave`, which comes after it. */
        readonly netns?: boolean
        /** Runs only where this path is there, or is not. Looked at under the lock: who comes second finds what the first one has made. */
        readonly when?: { readonly exists: string } | { readonly missing: string }
        readonly shell?: readonly string[]
      }
    /**
     * Starts a program that lives as long as the container (a userspace network stack): in a session of its own, with three descriptors.
     * 3: the container's network namespace. 4: reads end of file when the container has ended, whatever ended it, kill -9 included; the
     * program then ends by itself, so that there is nothing to `leave`. 5: the program writes a byte when it is ready, for which the start
     * waits; when it ends without, its last line on stderr is the error. Only in `enter`.
     */
    | { readonly op: 'helper.start'; readonly argv: readonly [string, ...string[]] }
    /**
     * Makes the kernel forget what it knows of packets to ports of this host, so that the next ones meet the rules as they are now.
     * `address`: undefined or unspecified (`0.0.0.0`, `::`): all of this host's own, of the family that is said, or of both.
     */
    | {
        readonly op: 'conntrack.flush'
        readonly protocol: 'tcp' | 'udp'
        readonly ports: readonly number[]
        readonly address?: string
      }
    /**
     * Waits until a link that is up carries packets, at most a second: an interface that has come up is not yet a port that its bridge sends
     * by, because the kernel follows its links' state a moment later.
     */
    | { readonly op: 'link.await'; readonly name: string }
    /**
     * Makes the directories, which are empty, one project with all that will be in them, and limits what that takes on their file system. Where
     * the kernel or the file system has no project quotas it fails.
     */
    | {
        readonly op: 'quota.limit'
        readonly paths: readonly string[]
        readonly project: number
        readonly bytes: number
      }
    | FileOperation
    | LinesOperation
    | CgroupOperation
  )

/** Files of rt's own. Paths are absolute and below rt's roots; no part of them is under a container's control. */
export type FileOperation =
  /** Makes parents as well; an existing directory is no error. */
  | { readonly op: 'dir.make'; readonly path: string; readonly mode: number }
  /** `exclusive`: EEXIST when it is there (leases). Otherwise replaces the content. */
  | {
      readonly op: 'file.write'
      readonly path: string
      readonly content: string
      readonly mode: number
      readonly exclusive?: boolean
    }
  /**
   * A file, symlink or FIFO. Idempotent. `holding`: only while it has this content, or leads there; a clean-up that is repeated after a
   * crash must not take the lease or name that another container has taken meanwhile.
   */
  | { readonly op: 'file.remove'; readonly path: string; readonly holding?: string }
  /** One more name, `path`, for the file `to`, or a symlink; what was there before is replaced. */
  | { readonly op: 'file.link'; readonly path: string; readonly to: string; readonly symbolic?: boolean }
  /** An empty directory. Idempotent. `full`: one that is not empty stays, and that is no error. */
  | { readonly op: 'dir.remove'; readonly path: string; readonly full?: 'stays' }
  /** A whole tree that containers wrote: links are never followed, file systems never crossed. Idempotent. `unless`: as long as that is there it stays. */
  | { readonly op: 'tree.remove'; readonly path: string; readonly unless?: string }
  /**
   * Copies the *content* of directory `from` into the existing directory `to`: owners, modes, times, hard links, symlinks,
   * xattrs, devices, FIFOs, holes; extents are shared where the file system can (FICLONE). `over`: `to` has the layers below, and `from` is
   * one more in overlay's form: its names replace theirs, directories become one, whiteouts and opaque directories take away.
   */
  | { readonly op: 'tree.copy'; readonly from: string; readonly to: string; readonly over?: boolean }

/**
 * Lines of files that running containers have bound over their own, /etc/hosts above all: as long as there are lines in it such a file must
 * stay the one that it is, and a program may be reading it at any moment. A line that is to be found again ends in a tab, `# ` and a marker, the first twelve digits of a
 * container's id. A file whose name begins with `+` is one container's own, which it may write to: what goes wrong with it is its own affair.
 * All of it happens under `lock`, a file that no container sees.
 */
export type LinesOperation =
  /**
   * Makes the file `path` of `head` and the marked lines of the files `from`, and with it its other names `links`: hard links, or symlinks
   * where it is one container's `own`. One that is there stays as it is, but an `own` one is made anew.
   */
  | {
      readonly op: 'lines.make'
      readonly path: string
      readonly lock: string
      readonly head: string
      readonly from: readonly string[]
      readonly links: readonly string[]
      readonly own?: boolean
    }
  /** Appends marked lines to every file of `directory`. `replaces`: earlier ones of this marker end. */
  | {
      readonly op: 'lines.add'
      readonly directory: string
      readonly lock: string
      readonly lines: readonly string[]
      readonly replaces?: string
    }
  /** From now on the `own` file `path` has the marked lines of the file `from`, too, and those that come to them, by its name `link`. */
  | ({ readonly op: 'lines.join' } & SomeLines)
  /** Takes that back. Idempotent. */
  | ({ readonly op: 'lines.part' } & SomeLines)
  /** The lines of this marker in every file of `directory` become comments; in the place of a file without another one comes a new one. Idempotent. */
  | { readonly op: 'lines.remove'; readonly directory: string; readonly lock: string; readonly marker: string }

interface SomeLines {
  readonly path: string
  readonly link: string
  readonly from: string
  readonly lock: string
}

export type CgroupOperation =
  | { readonly op: 'cgroup.make'; readonly path: string }
  /** One interface file of a cgroup: `path` is the file. */
  | { readonly op: 'cgroup.write'; readonly path: string; readonly value: string }
  /** v2 has no device list: a BPF program on the cgroup decides instead. Rules in cgroup v1's notation (`c 1:3 rwm`). */
  | { readonly op: 'cgroup.devices'; readonly path: string; readonly allow: readonly string[] }
  /**
   * Moves every process of the cgroup `from` into the cgroup `path` of another hierarchy, again and again until none is left behind: those
   * that are forked meanwhile come along. They stay in `from`, too.
   */
  | { readonly op: 'cgroup.gather'; readonly path: string; readonly from: string }
  /** Stops every process of the cgroup where it is, and ends when all of them stand still; or lets them go on. */
  | { readonly op: 'cgroup.freeze'; readonly path: string; readonly version: 1 | 2; readonly frozen: boolean }
  /** Ends every process of the cgroup, and those that are forked meanwhile. Idempotent. */
  | { readonly op: 'cgroup.kill'; readonly path: string }
  /** Idempotent. Kills nothing: the cgroup is empty when the pid namespace has ended. */
  | { readonly op: 'cgroup.remove'; readonly path: string }
