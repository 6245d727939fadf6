import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Birth, startWorld } from './birth.ts'
import { WorldCgroups } from './cgroups.ts'
import { differences } from './differences.ts'
import { Internet } from './internet.ts'
import { patience } from './patience.ts'
import { Place } from './place.ts'
import { SEARCH_PATH, whyNoWorld } from './requirements.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'
import { sweepStaleWorlds, WORLDS, worldPrefix } from './stale.ts'
import { CHECKOUT } from './visible.ts'

export interface WorldOptions {
  /** Of the wire between host and internet, in bytes; 1500 by default. */
  readonly mtu?: number
  /** Without it the host has only its loopback interface; true by default. */
  readonly internet?: boolean
  /** Host and internet have IPv6, too; false by default. */
  readonly ipv6?: boolean
  /** Makes /var/lib/rt a tmpfs of that size (`8m`) instead of a directory on a disk: for tests of a full disk. */
  readonly dataSize?: string
  /** Makes /var/lib/rt a btrfs of its own, on a loop device: for drivers that need one. Wants btrfs-progs. */
  readonly btrfs?: boolean
}

/** A host and an internet that exist for one test. */
export interface World extends AsyncDisposable {
  /**
   * Its own root, processes, users' names, cgroups and network: eth0 198.51.100.2/24, default route via 198.51.100.1; with `ipv6`
   * 2001:db8:1::2/64 via 2001:db8:1::1.
   */
  readonly host: Place
  /** Behind the host's default gateway: 198.51.100.1 and, a hop further, 203.0.113.1; with `ipv6` 2001:db8:1::1 and 2001:db8:2::1. */
  readonly internet: Internet
  /** A directory of the machine that host and internet see as `/run/world`. */
  readonly share: string
  /** The checkout's root, the same path inside and outside. */
  readonly checkout: string
  /** Shell words that are true only in this world: put them with `&&` before a command that would hurt the machine. */
  readonly guard: string
  /** Shell words that are true only where neither the machine's nor the world's root is visible: inside a container. */
  readonly containerGuard: string
  /** What there is in the host now. */
  snapshot(): Promise<Snapshot>
  /**
   * Fails when something has come or gone since `before`, and says what. Waits up to `within` ms (15 s by default), as the kernel
   * takes network namespaces and cgroups apart in the background.
   */
  expectNoLeaks(before: Snapshot, options?: { within?: number }): Promise<void>
}

/** Namespaces of the places, as flags of setns(2). */
const CLONE = { mount: 0x20000, cgroup: 0x2000000, uts: 0x4000000, ipc: 0x8000000, pid: 0x20000000, net: 0x40000000 }
const INTERNET = CLONE.mount | CLONE.net | CLONE.pid
const HOST = INTERNET | CLONE.uts | CLONE.ipc | CLONE.cgroup

let swept = false

/** Makes a world. Use it with `await using`: it ends with the block, or with the test's process however that dies. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const reason = whyNoWorld()
  if (reason !== undefined) throw new Error(reason)
  if (!swept) sweepStaleWorlds()
  swept = true

  const directory = mkdtempSync(join(WORLDS, worldPrefix()))
  for (const name of ['root', 'data', 'share']) mkdirSync(join(directory, name))
  const marker = join(directory, 'only-on-the-machine')
  writeFileSync(marker, '')
  const name = directory.slice(WORLDS.length + 1)
  const cgroups = new WorldCgroups(name)
  const birth = await startWorld({
    WORLD_DIR: directory,
    WORLD_MTU: String(options.mtu ?? 1500),
    WORLD_IPV6: options.ipv6 === true ? 'yes' : 'no',
    WORLD_INTERNET: (options.internet ?? true) ? 'yes' : 'no',
    WORLD_DATA: options.btrfs === true ? 'btrfs' : dataMount(directory, options.dataSize),
    cgroups,
  }).catch((error: unknown) => {
    cleanUp(cgroups, directory)
    throw error
  })
  cgroups.settle()
  return makeWorld(directory, name, marker, birth, cgroups)
}

function makeWorld(directory: string, name: string, marker: string, birth: Birth, cgroups: WorldCgroups): World {
  const context = {
    procs: cgroups.procs,
    share: join(directory, 'share'),
    env: {
      PATH: `${join(process.execPath, '..')}:${SEARCH_PATH}`,
      HOME: '/root',
      LANG: 'C.UTF-8',
      TERM: 'xterm',
      RT_TEST_WORLD: name,
    },
  }
  const host = new Place({ ...context, init: birth.host, namespaces: HOST })
  const internet = new Internet({ ...context, init: birth.internet, namespaces: INTERNET })
  const snapshot = (): Promise<Snapshot> => takeSnapshot(host)
  return {
    host,
    internet,
    share: context.share,
    checkout: CHECKOUT,
    guard: `[ -e /etc/rt-test-world ] && [ ! -e ${marker} ]`,
    containerGuard: `[ ! -e /etc/rt-test-world ] && [ ! -e ${marker} ]`,
    snapshot,
    async expectNoLeaks(before, { within = 15_000 } = {}) {
      const deadline = Date.now() + patience(within)
      const look = async () => differences(before, await snapshot()).filter((line) => !isDyingCable(line))
      let found = await look()
      // No event tells when the kernel's own work queues are done.
      while (found.length > 0 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        found = await look()
      }
      if (found.length > 0) throw new Error(`the world is not as it was:\n${found.join('\n')}`)
    },
    async [Symbol.asyncDispose]() {
      cgroups.thaw()
      await birth.end()
      await Promise.all([host.ended(), internet.ended()])
      cleanUp(cgroups, directory)
    },
  }
}

/** The cable of a container that had ended just before the first look: it was going, and is no part of the host. `if13`: the link has gone, its routes not yet. */
const isDyingCable = (line: string): boolean =>
  /^(links|routes|addresses): - (.* dev )?(rt[0-9a-f]{13}|if\d+) /.test(line)

function cleanUp(cgroups: WorldCgroups, directory: string): void {
  cgroups.remove()
  rmSync(directory, { recursive: true, force: true })
}

/** `bind`, or tmpfs options: where the tests' own disk is an overlay (as in a container), it cannot carry another one's upper side. */
function dataMount(directory: string, size: string | undefined): string {
  const OVERLAYFS_SUPER_MAGIC = 0x794c7630
  if (size !== undefined) return `mode=755,size=${size}`
  return statfsSync(directory).type === OVERLAYFS_SUPER_MAGIC ? 'mode=755' : 'bind'
}
