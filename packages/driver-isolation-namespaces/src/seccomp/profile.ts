/**
 * Docker's default seccomp profile (moby/profiles, seccomp/default.json), as facts: which calls a container may make, and which more
 * it may make for each capability that it keeps. Names are the kernel's; one that an architecture lacks is skipped there.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Allowed always and whatever the arguments. */
export const ALWAYS: readonly string[] = words(`
  read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek _llseek sendfile sendfile64 splice tee vmsplice
  copy_file_range readahead fadvise64 fadvise64_64 sync fsync fdatasync syncfs sync_file_range
  open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl name_to_handle_at
  access faccessat faccessat2 stat lstat fstat stat64 lstat64 fstat64 fstatat64 newfstatat statx statfs fstatfs statfs64 fstatfs64
  statmount listmount truncate ftruncate truncate64 ftruncate64 fallocate
  chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat chown32 fchown32 lchown32 umask
  utime utimes futimesat utimensat utimensat_time64
  link linkat symlink symlinkat readlink readlinkat rename renameat renameat2 unlink unlinkat mkdir mkdirat rmdir mknod mknodat
  getdents getdents64 chdir fchdir getcwd
  getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
  listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
  inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
  select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64
  epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2
  eventfd eventfd2 signalfd signalfd4 pipe pipe2
  io_setup io_submit io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 ioprio_get ioprio_set

  socketcall socketpair bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt
  send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64

  brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 munlock mlockall munlockall mseal remap_file_pages
  memfd_create memfd_secret membarrier map_shadow_stack pkey_alloc pkey_free pkey_mprotect cachestat

  fork vfork execve execveat exit exit_group wait4 waitid waitpid kill tkill tgkill pause restart_syscall rseq uretprobe riscv_hwprobe
  pidfd_open pidfd_send_signal process_mrelease ptrace process_vm_readv process_vm_writev
  rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
  rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn
  futex futex_time64 futex_wait futex_wake futex_waitv futex_requeue get_robust_list set_robust_list
  set_tid_address get_thread_area set_thread_area

  getpid getppid gettid getpgid getpgrp setpgid getsid setsid
  getuid geteuid getgid getegid getresuid getresgid getgroups getuid32 geteuid32 getgid32 getegid32 getresuid32 getresgid32 getgroups32
  setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups
  setuid32 setgid32 setreuid32 setregid32 setresuid32 setresgid32 setfsuid32 setfsgid32 setgroups32
  capget capset prctl seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
  getpriority setpriority getrlimit setrlimit ugetrlimit prlimit64 getrusage getcpu sysinfo uname times
  sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler sched_setscheduler
  sched_getattr sched_setattr sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64

  time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_adjtime clock_adjtime64 adjtimex
  nanosleep clock_nanosleep clock_nanosleep_time64 alarm getitimer setitimer
  timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
  timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
  getrandom

  ipc msgget msgsnd msgrcv msgctl semget semop semctl semtimedop semtimedop_time64 shmget shmat shmdt shmctl
  mq_open mq_unlink mq_notify mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64
`)

export type Architecture = 'x86_64' | 'aarch64'

/** Allowed on one machine only, in both its 64-bit and its 32-bit programs. */
export const ON_ARCHITECTURE: Readonly<Record<Architecture, readonly string[]>> = {
  x86_64: words('arch_prctl modify_ldt'),
  aarch64: words('arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls'),
}

/** Allowed to whoever keeps the capability. The kernel checks it again at the call; the filter only narrows what can be tried. */
export const WITH_CAPABILITY: Readonly<Record<string, readonly string[]>> = {
  CAP_BPF: ['bpf'],
  CAP_DAC_READ_SEARCH: ['open_by_handle_at'],
  CAP_PERFMON: ['perf_event_open'],
  CAP_SYSLOG: ['syslog'],
  CAP_SYS_ADMIN: words(`
    bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules lsm_set_self_attr
    mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog
    umount umount2 unshare
  `),
  CAP_SYS_BOOT: ['reboot'],
  CAP_SYS_CHROOT: ['chroot'],
  CAP_SYS_MODULE: words('delete_module init_module finit_module'),
  CAP_SYS_NICE: words('get_mempolicy mbind set_mempolicy set_mempolicy_home_node'),
  CAP_SYS_PACCT: ['acct'],
  CAP_SYS_PTRACE: words('kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace'),
  CAP_SYS_RAWIO: words('iopl ioperm'),
  CAP_SYS_TIME: words('settimeofday stime clock_settime clock_settime64'),
  CAP_SYS_TTY_CONFIG: ['vhangup'],
}

/**
 * Allowed for some values of the first argument. Only its low 32 bits are looked at, which is exact: the kernel takes each of these
 * three as 32 bits (`int`, `unsigned int`, and clone's flags by lower_32_bits) and never sees the upper half.
 */
export type Condition =
  | { readonly oneOf: readonly (readonly [first: number, last: number])[] }
  | { readonly noneOfBits: number }

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET: a namespace is where most kernel exploits begin. */
const CLONE_NAMESPACES = 0x7e020000

export const CONDITIONAL: Readonly<Record<string, Condition>> = {
  /** Linux, Linux32, both with UNAME26, and asking for the current one (0xffffffff): not ADDR_NO_RANDOMIZE. */
  personality: {
    oneOf: [
      [0x0, 0x0],
      [0x8, 0x8],
      [0x20000, 0x20000],
      [0x20008, 0x20008],
      [0xffffffff, 0xffffffff],
    ],
  },
  /**
   * Address families by number. Left out: AF_VSOCK (40: not bound to a network namespace, reaches the hypervisor), AF_ALG (38: the
   * kernel's crypto API, a history of local root holes), and families that the kernel has dropped or is dropping.
   */
  socket: {
    oneOf: [
      [1, 11],
      [13, 18],
      [21, 22],
      [24, 24],
      [26, 33],
      [35, 36],
      [39, 39],
      [41, 45],
    ],
  },
  clone: { noneOfBits: CLONE_NAMESPACES },
}

/** Refused as if the kernel did not know them: its flags are behind a pointer that a filter cannot read, and libc then falls back to clone. */
export const PRETEND_MISSING: readonly string[] = ['clone3']
