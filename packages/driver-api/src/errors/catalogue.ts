/**
 * Every code that rt itself uses, with what it means and what helps: docs/errors.md is made from this table. A code never changes
 * its meaning. Messages are written where they are thrown, because only there the names are known.
 */
export const ERRORS = {
  // using rt
  RT_USAGE: { means: 'The command line is not one that rt understands.', remedy: 'See `rt --help`.' },
  RT_NOT_ROOT: { means: 'Namespaces, mounts and networks need root.', remedy: 'Run it again with sudo.' },
  RT_CONFIG_INVALID: {
    means: 'A config file cannot be used.',
    remedy: 'See `rt config` for the keys and where each value comes from.',
  },
  RT_DRIVER_UNKNOWN: { means: 'No driver of that kind and name is installed.', remedy: 'See `rt drivers ls`.' },
  RT_DRIVER_OPTION: {
    means: 'A driver was given an option that it cannot use.',
    remedy: "See the driver's README for its options.",
  },
  RT_DRIVER_MANIFEST: {
    means: 'A package is no driver, or does not say which one.',
    remedy: 'Give its package.json a field "rt" with kind, name and apiVersion: see docs/drivers.',
  },
  RT_DRIVER_API: {
    means: 'A driver was written for another version of the contract than this rt has.',
    remedy: 'Install a version of the driver that fits, or another version of rt.',
  },
  RT_DRIVER_UNTRUSTED: {
    means: 'A driver would run as root, and others than root may change its files.',
    remedy: 'Give its folder to root: chown -R root and chmod -R go-w, or install it again with `rt drivers add`.',
  },
  RT_DRIVER_BROKEN: {
    means: 'A driver could not be loaded.',
    remedy: 'See `rt drivers verify`; report it to its author, or take it away with `rt drivers remove`.',
  },
  RT_DRIVER_TIMEOUT: {
    means: 'A driver took too long to be loaded or to answer.',
    remedy: 'Report it to its author, or use another driver.',
  },
  RT_DRIVER_FAILED: {
    means: 'A driver failed while it was asked for steps, with an error that is not in its words.',
    remedy: 'Report it to its author; DEBUG=rt shows the stack.',
  },
  RT_DRIVER_ANSWER: {
    means: 'A driver answered with what is no plan.',
    remedy: 'See `rt drivers verify`; report it to its author, or use another driver.',
  },
  RT_DRIVER_EXISTS: {
    means: 'A driver of that kind and name is installed already.',
    remedy: 'Remove it first with `rt drivers remove`, or give --force to replace it.',
    exitCode: 1,
  },
  RT_DRIVER_IN_USE: {
    means: 'Containers or networks have the driver.',
    remedy: 'Remove them first, or give --force: what they leave behind is cleaned up without the driver.',
    exitCode: 1,
  },
  RT_DRIVER_INSTALL: {
    means: 'A package could not be installed.',
    remedy:
      'Look at what npm says; a package from a registry needs a name, one from a file a path that begins with ./ or /.',
    exitCode: 1,
  },
  RT_DRIVER_UNFIT: {
    means: 'A driver does not keep the contract.',
    remedy: 'Report it to its author: `rt drivers verify` says what it got wrong.',
    exitCode: 1,
  },
  RT_DRIVER_LACKS: {
    means: 'The driver cannot do that.',
    remedy: 'Use a driver that can: see `rt drivers ls`.',
    exitCode: 1,
  },
  // containers
  RT_CONTAINER_UNKNOWN: { means: 'No container has that name or id.', remedy: 'See `rt ps -a`.', exitCode: 1 },
  RT_CONTAINER_AMBIGUOUS: {
    means: 'More than one container id begins with that prefix.',
    remedy: 'Give more digits.',
    exitCode: 1,
  },
  RT_CONTAINER_RUNNING: {
    means: 'The container is running.',
    remedy: 'Stop it first, or use `rt rm -f`.',
    exitCode: 1,
  },
  RT_CONTAINER_NOT_RUNNING: {
    means: 'The container is not running.',
    remedy: 'Start it first; `rt ps -a` shows what it does.',
    exitCode: 1,
  },
  RT_CONTAINER_PAUSED: { means: 'The container is paused.', remedy: 'Let it go on with `rt unpause`.', exitCode: 1 },
  RT_CONTAINER_NO_DOOR: {
    means: 'The container is connected with the command that runs it directly, and with nothing else.',
    remedy: 'Start it without --rm, with -d or with -t to attach to it later.',
    exitCode: 1,
  },
  RT_CONTAINER_EPHEMERAL: {
    means: 'The container was made with --rm and does not outlive its end.',
    remedy: 'Make it without --rm.',
    exitCode: 1,
  },
  RT_PLAN_UNKNOWN: {
    means: 'It is not known by which steps the container was started.',
    remedy: 'Restart it, or explain a run of its image instead: `rt explain IMAGE COMMAND`.',
    exitCode: 1,
  },
  RT_SIGNAL_INVALID: {
    means: 'There is no signal of that name or number.',
    remedy: 'Use a name as in `kill -l` (TERM, SIGHUP) or a number from 1 to 64.',
    exitCode: 1,
  },
  RT_LOG_UNAVAILABLE: {
    means: 'The container keeps no log.',
    remedy: 'Start it with -d or without --rm, and not with --log-driver=none.',
    exitCode: 1,
  },
  RT_NAME_TAKEN: {
    means: 'Another container has that name.',
    remedy: 'Remove it with `rt rm`, or choose another name.',
  },
  RT_NAME_INVALID: {
    means: 'A container name has characters that are not allowed.',
    remedy: 'Use letters, digits, `_`, `.` and `-`, beginning with a letter or digit.',
  },
  RT_COMMAND_NOT_FOUND: {
    means: 'The program to run is not in the container.',
    remedy: 'Check the name, the PATH and the image.',
    exitCode: 127,
  },
  RT_COMMAND_NOT_EXECUTABLE: {
    means: 'The program to run cannot be executed.',
    remedy: 'Check its mode, its architecture and that it is no directory.',
    exitCode: 126,
  },
  RT_USER_UNKNOWN: {
    means: "The user or group is not in the container's passwd or group file.",
    remedy: 'Give a number, or a name that the image knows.',
  },
  RT_STEP_FAILED: {
    means: 'The kernel refused one step of a plan.',
    remedy: 'See the step with `rt explain`, and `rt doctor` for what this host lacks.',
  },
  RT_DISK_FULL: {
    means: 'The file system has no space or no inodes left.',
    remedy: "Free some space, or move rt's data with --root.",
  },
  RT_LXCFS_MISSING: {
    means: 'A container was to be shown its limits by lxcfs, which does not run on this host.',
    remedy: 'Install the package lxcfs and start its service, or use `--lxcfs=auto`.',
  },
  // limits
  RT_LIMIT_INVALID: {
    means: 'A limit is not one that a container on this machine can have.',
    remedy: 'See `rt run --help` for how a limit is written.',
  },
  RT_LIMIT_UNSUPPORTED: {
    means: 'The kernel, or how its control groups are mounted, cannot set that limit.',
    remedy: 'Leave the flag out, or mount the controller: see cgroups(7).',
  },
  RT_LIMIT_BUSY: {
    means: 'The container uses more now than the new limit allows.',
    remedy: 'Give a higher limit, or stop the container first.',
    exitCode: 1,
  },
  // volumes and mounts
  RT_MOUNT_SOURCE: {
    means: 'What is to be mounted in the container is not on the host.',
    remedy: 'Make it first, or use -v, which makes a missing directory.',
  },
  RT_MOUNT_PROPAGATION: {
    means: 'Mounts cannot be passed on between the host and the container there.',
    remedy: 'Make the mount of the host shared first: `mount --make-shared PATH`.',
  },
  RT_MOUNT_UNSUPPORTED: {
    means: 'This kernel cannot mount in that way.',
    remedy: 'Leave the option out, or boot a newer kernel.',
  },
  RT_STORAGE_QUOTA: {
    means: 'What a container writes cannot be limited there.',
    remedy: "Put rt's data on xfs or ext4 with project quotas, or leave out --storage-opt.",
  },
  RT_VOLUME_UNKNOWN: { means: 'There is no volume of that name.', remedy: 'See `rt volume ls`.', exitCode: 1 },
  RT_VOLUME_NAME_INVALID: {
    means: 'A volume cannot have that name.',
    remedy: 'Use letters, digits, `_`, `.` and `-`, beginning with a letter or digit, and at least two of them.',
  },
  RT_VOLUME_IN_USE: {
    means: 'A container, running or not, still has the volume.',
    remedy: 'Remove the container first.',
    exitCode: 1,
  },
  RT_VOLUME_DRIVER: {
    means: 'Volumes are directories of this host, and have no options.',
    remedy: 'Leave the driver and its options out; mount other file systems on the host and use --mount type=bind.',
  },
  // files of a container
  RT_PATH_UNKNOWN: {
    means: 'There is nothing at that path.',
    remedy: 'Check the path; directories of the target must be there already.',
    exitCode: 1,
  },
  RT_PATH_UNFIT: {
    means: 'What is at that path is not of the kind that is needed there.',
    remedy: 'Choose another target, or remove what is there.',
    exitCode: 1,
  },
  RT_READ_ONLY: {
    means: 'The target cannot be written to.',
    remedy: 'Copy to a place that is not mounted read-only, or run the container without --read-only.',
    exitCode: 1,
  },
  // images
  RT_IMAGE_UNKNOWN: {
    means: 'No image of that name is in the store.',
    remedy: 'See `rt images`; bring one in with `rt pull` or `rt import`.',
  },
  RT_IMAGE_REFERENCE: {
    means: 'That is not a valid image name.',
    remedy: 'A name looks like `busybox`, `debian:12` or `host:5000/team/app:1.2`.',
  },
  RT_IMAGE_PATH: {
    means: 'There is no image at that path.',
    remedy: 'Give an archive (`docker save`, `rt save`), an OCI layout or a folder with an unpacked root file system.',
  },
  RT_IMAGE_IN_USE: { means: 'A container still uses the image.', remedy: 'Remove the container first.', exitCode: 1 },
  RT_IMAGE_INVALID: {
    means:
      'The image is not one that can be run: its config or manifest is broken, or of a kind that rt does not know.',
    remedy: 'Make it again, or ask whoever made it.',
  },
  RT_IMAGE_PLATFORM: {
    means: 'The image is not there for that operating system and processor.',
    remedy: 'Choose one that is there with --platform.',
  },
  RT_BUILD_NO_BUILDER: {
    means: 'rt has Dockerfiles built by buildah or BuildKit, and the one that is wanted is not there.',
    remedy: 'Install one: apt-get install buildah',
  },
  RT_BUILD_FAILED: {
    means: 'The builder could not make the image; what it says is above.',
    remedy: 'Nothing was kept of it. Correct the Dockerfile, or what it needs.',
    exitCode: 1,
  },
  RT_BUILD_RUNNING: {
    means: 'What is kept for builds cannot go while one is under way.',
    remedy: 'Try again when the build has ended.',
    exitCode: 1,
  },
  RT_REGISTRY_UNREACHABLE: {
    means: 'No connection to the registry.',
    remedy: 'Check its name and the network; a registry without TLS needs `insecure: true` in the config.',
  },
  RT_REGISTRY_UNTRUSTED: {
    means: 'Nobody vouches for the certificate of the registry.',
    remedy: "Name its authority's certificate in the config: registries: { HOST: { ca: FILE } }.",
  },
  RT_REGISTRY_DENIED: {
    means: 'The registry does not give or take that image without a login, or not to this user.',
    remedy: 'Log in with `rt login HOST`.',
  },
  RT_REGISTRY_REFUSED: {
    means: 'The registry does not do what it was asked to.',
    remedy: 'Try again later, or ask whoever runs it.',
  },
  RT_REGISTRY_INVALID: {
    means: 'What the registry answers is not what one answers.',
    remedy: 'Check its name: is it a registry? Nothing was kept of what it sent.',
  },
  RT_REGISTRY_DIGEST: {
    means: 'What the registry sent is not what the digest stands for: it was damaged or changed on the way.',
    remedy: 'Nothing was kept of it. Try again; if it stays so, do not trust the registry.',
  },
  RT_REGISTRY_CREDENTIALS: {
    means: "Docker's config or one of its credential helpers does not give the name and password.",
    remedy: 'See ~/.docker/config.json, or log in with `rt login HOST`.',
  },
  RT_ARCHIVE_CORRUPT: {
    means: 'The archive is damaged or not a tar file.',
    remedy: 'Make it again, or fetch it again; nothing was kept of it.',
  },
  RT_ARCHIVE_HOSTILE: {
    means: 'The archive tries to write outside its target or to exhaust the host.',
    remedy: 'Do not trust where it came from; nothing was kept of it.',
  },
  // network
  RT_NET_SUBNET_OVERLAP: {
    means: "The host already routes addresses of the network's subnet.",
    remedy: 'Set network.bridge.subnet to a free one.',
  },
  RT_NET_NO_ADDRESS: {
    means: 'Every address of the network is leased.',
    remedy: 'Remove a container, or set network.bridge.subnet to a larger one.',
  },
  RT_NET_BRIDGE_FOREIGN: {
    means: "An interface of the bridge's name exists and rt did not make it.",
    remedy: 'Set network.bridge.name to another name.',
  },
  RT_NET_NO_IPV6: {
    means: 'IPv6 is asked for, and the kernel has it switched off.',
    remedy: 'Boot the kernel without ipv6.disable=1, or do without --ipv6.',
  },
  RT_NET_NO_FIREWALL: {
    means: 'The firewall program is missing or does not work here.',
    remedy: 'Install the package iptables, or nftables where network.bridge.firewall says so.',
  },
  RT_NET_UNKNOWN: { means: 'There is no network or network driver of that name.', remedy: 'See `rt network ls`.' },
  RT_NET_EXISTS: {
    means: 'A network or a network driver has that name already.',
    remedy: 'Take another name, or remove it with `rt network rm`.',
    exitCode: 1,
  },
  RT_NET_IN_USE: {
    means: 'Containers are connected to the network.',
    remedy: 'Disconnect them with `rt network disconnect`, or remove them.',
    exitCode: 1,
  },
  RT_NET_NAME_INVALID: {
    means: 'A network cannot be called that.',
    remedy: 'Use letters, digits, `_`, `.` and `-`, beginning with a letter or digit.',
    exitCode: 1,
  },
  RT_NET_SUBNET_INVALID: {
    means: 'A subnet, gateway or range of addresses is not written as one, or they do not fit each other.',
    remedy: 'Write a subnet as 10.5.0.0/16, its gateway and range within it.',
    exitCode: 1,
  },
  RT_NET_ADDRESS_INVALID: {
    means: 'The network cannot give that address.',
    remedy: 'Ask for one within the subnet: `rt network inspect NAME` shows it.',
  },
  RT_NET_ADDRESS_TAKEN: {
    means: 'Another container has that address.',
    remedy: 'Ask for another one, or leave out --ip and --ip6.',
  },
  RT_NET_CONNECTED: {
    means: 'The container is connected to that network already.',
    remedy: 'See `rt inspect NAME`.',
    exitCode: 1,
  },
  RT_NET_NOT_CONNECTED: {
    means: 'The container is not connected to that network.',
    remedy: 'See `rt inspect NAME`.',
    exitCode: 1,
  },
  RT_NET_MODE: {
    means: 'What is asked for does not go together with this kind of network.',
    remedy: 'Use a network of a bridge: `rt network create NAME`.',
  },
  RT_PORT_INVALID: {
    means: 'A published port is not written as one.',
    remedy: 'Write -p [ADDRESS:][PORT:]PORT[/tcp|/udp]; ranges as 8000-8010:80-90.',
  },
  RT_PORT_TAKEN: {
    means: 'The port of the host is in use.',
    remedy: 'Publish another port, or stop what has this one.',
  },
  // storage
  RT_STORAGE_OVERLAY: {
    means: 'overlayfs cannot be used with this file system or kernel.',
    remedy: 'Use --storage=copy, or put --root on ext4, xfs or btrfs.',
  },
  // inside
  RT_NETLINK: {
    means: 'The kernel refused a network operation.',
    remedy: "The kernel's own words are in the message.",
  },
  RT_TOOL_MISSING: {
    means: 'A program that rt calls is not installed.',
    remedy: 'Install it; `rt doctor` names the package.',
  },
  RT_INTERNAL: {
    means: 'rt itself is wrong.',
    remedy: 'Please report it with the output of the same command under DEBUG=rt*.',
  },
} as const satisfies Record<string, { means: string; remedy: string; exitCode?: number }>

export type ErrorCode = keyof typeof ERRORS
