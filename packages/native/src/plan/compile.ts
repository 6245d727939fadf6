import type { HostStep, SandboxStep } from '@rt/driver-api'
import { encodePlan } from './encode.ts'
import { cloneFlags, type NamespaceName } from './flags.ts'
import { canShimPerform, compileHostStep } from './host.ts'
import type { Arg, Instruction, Opcode } from './opcodes.ts'
import { compileSandboxStep } from './sandbox.ts'

/** How the shim stands behind the container. */
export interface MonitorOptions {
  /** Gets `PID STARTTIME NANOSECONDS RESTARTS` of the container's first process once its program runs. */
  readonly statusFile: string
  /** Gets `CODE SIGNAL NANOSECONDS STARTED RESTARTS`, and `oom` behind it where that is why, when it has ended; left out where nothing will be there to ask for it. */
  readonly exitFile?: string
  /** Gets the same line where somebody has made it. */
  readonly waitFile?: string
  /** Lines for the journal of events, each up to its time, which the shim adds with all that comes after; left out: not written. */
  readonly events?: {
    readonly journal: string
    readonly start: string
    readonly die: string
    readonly oom: string
    /** After the leave steps, where the shim performs them. */
    readonly destroy?: string
  }
  readonly stdin: 'inherit' | 'null'
  /** Where the monitor is a process in the background, see `startBackground`. */
  readonly background?: BackgroundOptions
  /** A file with a line `oom_kill NUMBER`: ends get the word `oom` where the number has grown. */
  readonly oomEvents?: string
  /**
   * A file that containers can read and others write to, opened for writing as long as the monitor lives: where there is a writer nobody
   * can take a lease (fcntl(2), F_SETLEASE), for which every other writer would have to wait 45 s.
   */
  readonly keepOpen?: string
  /** In the background; the caller gets `announce` on its standard output once the program runs. */
  readonly detach?: { readonly announce: string }
  /** Executed where a sandbox step fails, with three more arguments: the step's index (or a negative number for the shim's own), errno, detail. */
  readonly onFailure: readonly string[]
  /** Executed after the end where a leave step is beyond the shim, with the exit status as one more argument. */
  readonly onLeave: readonly string[]
  /** `onLeave` is executed, too, where this file is there by then: what is to be undone has changed while the container ran. */
  readonly leaveChanged?: string
}

export interface BackgroundOptions {
  /** The socket at which clients attach. */
  readonly door: string
  /** Where the shim puts, in files without a name, what slow clients have not taken yet. */
  readonly spoolDirectory: string
  /** Docker's json-file. `maxSize` in bytes begins a new file, of which `maxFile` are kept (1). */
  readonly log?: { readonly path: string; readonly maxSize?: number; readonly maxFile?: number }
  /** Not while `stoppedFile` is there. `max`: for `on-failure`. */
  readonly restart?: { readonly policy: 'on-failure' | 'always'; readonly max?: number; readonly stoppedFile: string }
}

/** Of a process, told from a later one of the same number by its start time (clock ticks after boot). */
export interface JoinedNamespace {
  readonly kind: 'pid'
  readonly pid: number
  readonly startTime: string
}

export interface PlanInput {
  readonly monitor: MonitorOptions
  /** Directories whose cgroup the first process joins when it is started again. */
  readonly cgroups: readonly string[]
  /** Joined besides by what a restart policy starts again, as far as they have been made meanwhile. */
  readonly laterCgroups?: readonly string[]
  readonly newNamespaces: readonly NamespaceName[]
  /** In place of new ones it has those of other processes. */
  readonly joined?: readonly JoinedNamespace[]
  /** Cgroups whose processes are ended with the first one: where its pid namespace does not do that. */
  readonly killRest?: readonly string[]
  readonly sandbox: readonly SandboxStep[]
  readonly leave: readonly HostStep[]
  /** Kill the monitor before the sandbox step of this index: for tests of what a crash leaves. */
  readonly testStopAt?: number
}

/** What a negative step index of the shim means, for messages. */
export const SHIM_STEPS: Readonly<Record<string, string>> = {
  '-1': 'set up its first process',
  '-2': 'make the namespaces',
  '-3': 'enter the network namespace',
  '-4': 'join the cgroup',
  '-5': 'enter the container',
  '-6': 'make a copy of itself that no container can write to',
  '-7': 'enter the pid namespace of the other container',
}

const option = (op: Opcode, ...args: readonly Arg[]): Instruction => ({ phase: 'monitor', op, args })

/** The numbers of `enum` in the shim's restart.h. */
const RESTART_POLICIES = { 'on-failure': 1, always: 2 } as const

const compileBackground = ({ door, spoolDirectory, log, restart }: BackgroundOptions): Instruction[] => [
  option('DOOR', door),
  option('SPOOL', spoolDirectory),
  ...(log ? [option('LOG', log.path, log.maxSize ?? 0, log.maxFile ?? 1)] : []),
  ...(restart ? [option('RESTART', RESTART_POLICIES[restart.policy], restart.max ?? 0, restart.stoppedFile)] : []),
]

/** The plan of a whole container as the bytes that the shim executes. */
export const compilePlan = ({
  monitor,
  cgroups,
  laterCgroups,
  newNamespaces,
  joined = [],
  killRest = [],
  sandbox,
  leave,
  testStopAt,
}: PlanInput): Uint8Array => {
  // All or nothing: clean-up in two places would be out of order.
  const byShim = leave.every(canShimPerform)
  const { events } = monitor
  const steps = sandbox.map(compileSandboxStep)
  if (testStopAt !== undefined && testStopAt < steps.length)
    steps.splice(testStopAt, 0, { phase: 'sandbox', op: 'TEST_STOP', args: [] })
  return encodePlan([
    option('STATUS_FILE', monitor.statusFile),
    ...(monitor.exitFile === undefined ? [] : [option('EXIT_FILE', monitor.exitFile)]),
    ...(monitor.waitFile === undefined ? [] : [option('WAIT_FILE', monitor.waitFile)]),
    ...(events
      ? [option('EVENT', events.journal, events.start, events.die, events.oom, (byShim && events.destroy) || '')]
      : []),
    option('CLONE_FLAGS', cloneFlags(newNamespaces)),
    ...joined.map(({ kind, pid, startTime }) => option('JOIN', cloneFlags([kind]), kind, pid, startTime)),
    ...killRest.map((directory) => option('KILL_REST', directory)),
    option('ON_FAILURE', ...monitor.onFailure),
    ...(monitor.stdin === 'null' ? [option('STDIN_NULL')] : []),
    ...(monitor.detach ? [option('DETACH', monitor.detach.announce)] : []),
    ...(monitor.background ? compileBackground(monitor.background) : []),
    ...(monitor.oomEvents === undefined ? [] : [option('OOM_EVENTS', monitor.oomEvents)]),
    ...(monitor.keepOpen === undefined ? [] : [option('KEEP_OPEN', monitor.keepOpen)]),
    ...(byShim && monitor.leaveChanged !== undefined ? [option('LEAVE_CHANGED', monitor.leaveChanged)] : []),
    ...(byShim && monitor.leaveChanged === undefined ? [] : [option('ON_LEAVE', ...monitor.onLeave)]),
    ...cgroups.map((directory) => option('CGROUP', directory)),
    ...(laterCgroups?.map((directory) => option('CGROUP', directory, 1)) ?? []),
    ...steps,
    ...(byShim ? leave.map(compileHostStep).filter((i) => i !== undefined) : []),
  ])
}
