import type { ContainerId } from '@rt/driver-api'

/** Every path that rt keeps anything at. Below `root` what outlives a reboot, below `runRoot` what must not. */
export class Layout {
  readonly root: string
  readonly runRoot: string

  constructor(root: string, runRoot: string) {
    this.root = root
    this.runRoot = runRoot
  }

  /** One directory a container: record, writable layer, host files. */
  get containers(): string {
    return `${this.root}/containers`
  }
  container(id: ContainerId): string {
    return `${this.containers}/${id}`
  }
  record(id: ContainerId): string {
    return `${this.container(id)}/record.json`
  }
  /** The steps as they were performed inside, for naming one that failed; also the sign that it was started at least once. */
  plan(id: ContainerId): string {
    return `${this.container(id)}/plan.json`
  }
  /** Written by the shim: exit code, signal and time of the last end. */
  exit(id: ContainerId): string {
    return `${this.container(id)}/exit`
  }
  /** Docker's json-file log, written by the shim; rotated ones have `.1`, `.2` behind it. */
  log(id: ContainerId): string {
    return `${this.container(id)}/json.log`
  }
  /** There while the user wants the container stopped: `unless-stopped` asks, after an end and after a reboot. */
  stopped(id: ContainerId): string {
    return `${this.container(id)}/stopped`
  }
  /** There when a volume has been offered what the image has at its place: an emptied one is not filled again by a restart. */
  filled(id: ContainerId, volume: string): string {
    return `${this.container(id)}/filled-${volume}`
  }
  /** There when the storage of a container that never started is complete, because somebody has copied into it. */
  prepared(id: ContainerId): string {
    return `${this.container(id)}/prepared`
  }
  /** What builders keep for the next build, in each one's own form. */
  get buildCache(): string {
    return `${this.root}/build`
  }
  get runBuild(): string {
    return `${this.runRoot}/build`
  }
  /** One file a container that belongs to a process, which holds its lock: it goes with that process at the latest. Likewise one for all of a comparison's. */
  get owned(): string {
    return `${this.root}/owned`
  }
  owner(id: ContainerId): string {
    return `${this.owned}/${id}`
  }
  /** One file a network that the user defined: its record. */
  get networks(): string {
    return `${this.root}/networks`
  }
  network(name: string): string {
    return `${this.networks}/${name}.json`
  }
  /** One directory a volume: see `volumes/store.ts`. */
  get volumes(): string {
    return `${this.root}/volumes`
  }
  volume(name: string): string {
    return `${this.volumes}/${name}`
  }
  /** One file for each container that has the volume; without this directory the volume is one that is just being removed. */
  volumeUsers(name: string): string {
    return `${this.volume(name)}/users`
  }
  /** One symlink a name, to the id: symlink(2) is exclusive, so two containers cannot take one name. */
  get names(): string {
    return `${this.root}/names`
  }
  name(name: string): string {
    return `${this.names}/${name}`
  }

  /** Taken while containers are created, reconciled or removed. */
  get storeLock(): string {
    return `${this.runRoot}/lock`
  }
  /** Holds the boot id for which this run root was made. */
  get boot(): string {
    return `${this.runRoot}/boot`
  }
  /** What happened to containers since the machine started, a JSON object a line; the one before, when it was full, is `events.1`. */
  get events(): string {
    return `${this.runRoot}/events`
  }
  /** One directory a network, with the hosts files that name its containers to each other. */
  get hosts(): string {
    return `${this.runRoot}/hosts`
  }
  /** No network has a name with a dot in front. */
  get hostsLock(): string {
    return `${this.hosts}/.lock`
  }
  hostsOf(network: string): string {
    return `${this.hosts}/${network}`
  }
  /** Where every container mounts its root, in a mount namespace of its own: always empty on the host. */
  get rootMountPoint(): string {
    return `${this.runRoot}/rootfs`
  }
  /** One directory a live container. */
  get live(): string {
    return `${this.runRoot}/containers`
  }
  run(id: ContainerId): string {
    return `${this.live}/${id}`
  }
  /** Locked by rt and then by the shim as long as the container lives: the kernel lets go of it whatever kills them. */
  lock(id: ContainerId): string {
    return `${this.run(id)}/lock`
  }
  /** Written by the shim once the container's program runs: pid and start time of its first process. */
  status(id: ContainerId): string {
    return `${this.run(id)}/status`
  }
  /** Made by who waits for a container that keeps no exit: its monitor writes the line there. */
  waited(id: ContainerId): string {
    return `${this.run(id)}/waited`
  }
  /** Locked by who has frozen it for a moment: when that one is killed, the next look lets it go on. */
  frozen(id: ContainerId): string {
    return `${this.run(id)}/frozen`
  }
  /** A SOCK_SEQPACKET socket of the shim's: attached clients, waiting ones, and the word that it is not to start again. */
  door(id: ContainerId): string {
    return `${this.run(id)}/door`
  }
  /** A symlink to the hosts file of a container that a restart policy may start again. */
  hostsLink(id: ContainerId): string {
    return `${this.run(id)}/hosts`
  }
  /** What must be undone when the container ends, on disk before anything is done. */
  leave(id: ContainerId): string {
    return `${this.run(id)}/leave.json`
  }
  /** There when that has changed since the shim was given its steps. */
  leaveChanged(id: ContainerId): string {
    return `${this.run(id)}/leave.changed`
  }
}
