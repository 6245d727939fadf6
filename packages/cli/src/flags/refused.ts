/** Flags of Docker's `run` and `create` that rt does not have: why, and what to do instead. */
interface Refused {
  readonly why: string
  readonly remedy: string
}

const LIMITS = 'See `rt run --help` for the limits that there are.'

const health: Refused = {
  why: 'rt has no health checks: nothing of it runs beside a container that could ask',
  remedy: 'Run the check from a timer of the host, as in `rt exec NAME COMMAND`, and restart with `rt restart NAME`.',
}

const realTime: Refused = {
  why: 'the kernel gives real-time processor time to control groups of v1 alone, and few kernels are built with it',
  remedy: 'Use --cpus or --cpu-shares; for a real-time program --cap-add=SYS_NICE and --ulimit=rtprio=99.',
}

const windows: Refused = { why: 'it is for containers of Windows', remedy: LIMITS }

export const REFUSED_FLAGS: Readonly<Record<string, Refused>> = {
  'blkio-weight-device': {
    why: 'a weight holds for all disks here',
    remedy: 'Use --blkio-weight, or limit one disk with --device-read-bps and --device-write-bps.',
  },
  'cgroup-parent': {
    why: 'a container has a control group of its own at the top, so that nothing is left that no container owns',
    remedy: 'Give the container limits of its own.',
  },
  'cpu-count': windows,
  'cpu-percent': windows,
  'cpu-rt-period': realTime,
  'cpu-rt-runtime': realTime,
  'disable-content-trust': {
    why: 'rt checks digests, and no signatures that could be left unchecked',
    remedy: 'Leave it out; name the image with its digest to be sure of it.',
  },
  gpus: {
    why: 'rt has no vendor\u2019s hooks that find the files of a driver',
    remedy:
      'Give the devices by name, --device=/dev/dri or --device=/dev/nvidia0, and bind the driver\u2019s libraries with -v.',
  },
  'health-cmd': health,
  'health-interval': health,
  'health-retries': health,
  'health-start-interval': health,
  'health-start-period': health,
  'health-timeout': health,
  'io-maxbandwidth': windows,
  'io-maxiops': windows,
  'kernel-memory': {
    why: 'kernels since 5.4 do not limit it apart from the rest',
    remedy: 'Use --memory, which counts it.',
  },
  link: {
    why: 'containers that share a network find each other by name without it',
    remedy: 'Put both in one network: --network=NAME, with --network-alias for another name.',
  },
  'link-local-ip': {
    why: 'the kernel gives an interface its own link-local address',
    remedy: 'Use --ip or --ip6 for an address of your choice.',
  },
  'memory-swappiness': {
    why: 'control groups of v2 do not have it',
    remedy: 'Use --memory-swap: the same as --memory for no swap at all.',
  },
  'oom-kill-disable': {
    why: 'control groups of v2 do not have it, and a program that waits for memory for ever cannot be stopped',
    remedy: 'Use --oom-score-adj to say who goes first, or --memory-reservation.',
  },
  runtime: {
    why: 'rt is the runtime itself, and how a container is kept apart is an isolation driver',
    remedy: 'Use --isolation=DRIVER; `rt drivers ls` shows those that are here.',
  },
  'use-api-socket': { why: 'rt has no daemon whose socket could be given', remedy: 'Leave it out.' },
  userns: {
    why: 'containers are in the user namespace of the host, as Docker\u2019s are by default',
    remedy: 'Leave it out, and use -u and --cap-drop=ALL for a program without rights.',
  },
  'volume-driver': {
    why: 'volumes are directories of rt\u2019s own',
    remedy: 'Mount the other file system on the host, and bind it with -v /PATH:/PATH.',
  },
}

const builderCache: Refused = {
  why: 'the builder keeps its own cache, which is used by itself',
  remedy: 'Leave it out; --no-cache builds without.',
}

const oneTag: Refused = { why: 'each tag is an image of its own', remedy: 'Name them one by one.' }

const noCheckpoints: Refused = {
  why: 'rt takes no checkpoints of containers',
  remedy: 'Use `rt pause NAME` to hold a container, or `rt commit NAME IMAGE` to keep its files.',
}

const oneHost: Refused = {
  why: 'networks are of this host alone, and there is no swarm',
  remedy: 'Leave it out.',
}

const ownAddresses: Refused = {
  why: 'the network driver itself gives addresses',
  remedy: 'Use --subnet, --ip-range and --gateway, and --ip of `rt run` for an address of your choice.',
}

/** Those of other commands, by `command --flag`. */
export const REFUSED_ELSEWHERE: Readonly<Record<string, Refused>> = {
  'rm --link': REFUSED_FLAGS.link as Refused,
  'rm -l': REFUSED_FLAGS.link as Refused,
  'build --cache-from': builderCache,
  'build --cache-to': builderCache,
  'build --output': { why: 'the result comes into the store', remedy: 'Use `rt save` or `rt export` for its files.' },
  'build -o': { why: 'the result comes into the store', remedy: 'Use `rt save` or `rt export` for its files.' },
  'build --push': {
    why: 'a build and a push are two things',
    remedy: 'Push it then: rt build -t NAME . && rt push NAME.',
  },
  'build --squash': {
    why: 'layers are what the next build starts from',
    remedy: 'Make one layer of a container: rt export NAME | rt import - IMAGE.',
  },
  'build --ssh': { why: 'builders would need your agent', remedy: 'Give a file with --secret.' },
  'pull -a': oneTag,
  'pull --all-tags': oneTag,
  'push -a': oneTag,
  'push --all-tags': oneTag,
  'start --checkpoint': noCheckpoints,
  'start --checkpoint-dir': noCheckpoints,
  'network connect --link': REFUSED_FLAGS.link as Refused,
  'network connect --link-local-ip': REFUSED_FLAGS['link-local-ip'] as Refused,
  'network connect --driver-opt': {
    why: 'options are of a network, not of one container in it',
    remedy: 'Give them with `rt network create --opt`.',
  },
  'network connect --gw-priority': {
    why: 'the first network of a container is its way out',
    remedy: 'Name that one first: rt run --network=FIRST --network=SECOND.',
  },
  'network create --ingress': oneHost,
  'network create --config-only': oneHost,
  'network create --config-from': oneHost,
  'network create --aux-address': {
    why: 'no address is kept for others',
    remedy: 'Give containers a part of the subnet alone, with --ip-range.',
  },
  'network create --ipam-driver': ownAddresses,
  'network create --ipam-opt': ownAddresses,
  'network create --ipv4': { why: 'every network has IPv4', remedy: 'Leave it out; --ipv6 adds IPv6.' },
}

/** Commands that take the flags of a run, or some. */
const RUNS = /^(run|create|explain|compare|update)$/

/** undefined: nothing is known of it. */
export const refusal = (
  command: string,
  given: string,
): { readonly message: string; readonly remedy: string } | undefined => {
  const flag = given.replace(/=.*$/s, '')
  const known = (all: Readonly<Record<string, Refused>>, key: string) =>
    Object.hasOwn(all, key) ? all[key] : undefined
  const name = command.replace(/^container /, '')
  const found =
    known(REFUSED_ELSEWHERE, `${name} ${flag}`) ??
    (RUNS.test(name) ? known(REFUSED_FLAGS, flag.replace(/^--/, '')) : undefined)
  return found && { message: `${flag} is not possible: ${found.why}`, remedy: found.remedy }
}
