/** The shim's opcodes; shim/plan.h has the same numbers, and a test holds the two lists together. */
export const OPCODES = {
  STATUS_FILE: 1,
  EXIT_FILE: 2,
  JOIN: 3,
  STDIN_NULL: 4,
  DETACH: 5,
  ON_FAILURE: 6,
  ON_LEAVE: 7,
  CLONE_FLAGS: 8,
  CGROUP: 9,
  DOOR: 10,
  LOG: 11,
  RESTART: 12,
  OOM_EVENTS: 13,
  WAIT_FILE: 14,
  KILL_REST: 15,
  SPOOL: 16,
  LEAVE_CHANGED: 17,
  KEEP_OPEN: 18,
  ENTER: 19,
  /** Of the monitor's phase, as all above; UNSHARE is the sandbox's. */
  EVENT: 20,
  UNSHARE: 20,
  MOUNT: 21,
  ROOT_SET: 22,
  MKDIR: 23,
  SYMLINK: 24,
  MKNOD: 25,
  MASK: 26,
  READONLY: 27,
  ROOT_ENTER: 28,
  ROOT_READONLY: 29,
  HOSTNAME: 30,
  TERMINAL: 31,
  RESET: 32,
  CAPABILITIES: 33,
  USER: 34,
  NO_NEW_PRIVS: 35,
  SECCOMP: 36,
  CHDIR: 37,
  EXEC: 38,
  TEST_STOP: 39,
  RLIMIT: 40,
  OOM_SCORE_ADJ: 41,
  SYSCTL: 42,
  INIT: 43,
  MOUNTED_MKDIR: 44,
  MOUNT_KEEP: 45,
  FILL: 46,
  GROUPS: 47,
  FILE_REMOVE: 60,
  DIR_REMOVE: 61,
  TREE_REMOVE: 62,
  TREE_COPY: 63,
  CGROUP_REMOVE: 64,
  CGROUP_KILL: 65,
  LINES_REMOVE: 70,
  PROGRAM: 71,
} as const

export type Opcode = keyof typeof OPCODES

export const PHASES = { monitor: 1, sandbox: 2, host: 3 } as const
export type Phase = keyof typeof PHASES

export type Arg = string | number | bigint | Uint8Array

/** One record of a plan, before it is bytes. */
export interface Instruction {
  readonly phase: Phase
  readonly op: Opcode
  readonly args: readonly Arg[]
}
