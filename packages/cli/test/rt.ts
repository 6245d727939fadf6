import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import NamespacesDriver from '@rt/driver-isolation-namespaces'
import {
  createWorld,
  type Place,
  patience,
  type Running,
  type RunOptions,
  type RunResult,
  type SpawnOptions,
  type Terminal,
  type World,
  type WorldOptions,
  whyNoWorld,
} from '@rt/test-world'
import { afterAll, beforeAll, expect } from 'vitest'

/** Whether the isolation driver can stop a container's processes where they are. */
export const canPause = 'freeze' in NamespacesDriver.prototype

/** Why a suite cannot run here; give it to `describe.skipIf`. */
export const cannotRun = whyNoWorld()

export const launcher = join(import.meta.dirname, '../dist/launch.cjs')

const preload = join(import.meta.dirname, '../dist/rt-preload.so')

/** The script gives these to some commands only; what they do not harm in any is not harmed in those. */
const quickFlags = (): string[] =>
  readFileSync(join(import.meta.dirname, '../dist/quick-flags'), 'utf8').match(/\S+/g) ?? []

/** As the script `rt` at the top starts it, less the preparation of a checkout. Behind `--` no flag is Node's. */
const command = ['env', `LD_PRELOAD=${preload}`, process.execPath, ...quickFlags(), '--', launcher]

/** `rt` as words of a shell script that runs in a world. */
export const RT = command.join(' ')

/** The folder of one of the packages in examples/, for the section `drivers` of a config. */
export const example = (name: string): string => join(import.meta.dirname, '../../../examples', name)

/** What rt says when it cannot do something. */
export interface Complaint {
  readonly sentence: string
  readonly code: string
  readonly remedy: string
  readonly exitCode: number
}

/** The rt of this checkout, in a throwaway host. */
export class Rt {
  readonly world: World

  constructor(world: World) {
    this.world = world
  }

  get host(): Place {
    return this.world.host
  }

  /** Runs it to its end, whatever that is. */
  run(args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return this.host.run([...command, ...args], options)
  }

  /** Runs it and answers what it wrote; anything but a silent success is an error. */
  async out(args: readonly string[], options?: RunOptions): Promise<string> {
    const { code, signal, stdout, stderr } = await this.run(args, options)
    if (code !== 0 || stderr !== '') throw new Error(`rt ${args.join(' ')}: ${signal ?? code}\n${stdout}${stderr}`)
    return stdout
  }

  spawn(args: readonly string[], options?: SpawnOptions): Running {
    return this.host.spawn([...command, ...args], options)
  }

  pty(args: readonly string[], options?: Parameters<Place['pty']>[1]): Terminal {
    return this.host.pty([...command, ...args], options)
  }

  /** The kernel goes on adding routes of a link's own address for as long as it makes sure that nobody else has it. */
  settled(): Promise<void> {
    return until('the links are settled', async () => !(await this.host.sh('ip -6 addr')).includes('tentative'))
  }

  /** Runs it, expects it to fail as it should: one sentence with a code, a remedy, nothing else, and nothing left behind. */
  async complaint(args: readonly string[], options?: RunOptions): Promise<Complaint> {
    await this.settled()
    const before = await this.world.snapshot()
    const found = readComplaint(await this.run(args, options))
    await this.world.expectNoLeaks(before)
    return found
  }
}

/** Fails unless the result is a complaint in the one form that they all have. */
export function readComplaint({ code, stdout, stderr }: RunResult): Complaint {
  const match = /^rt: ([^\n]+) \[(RT_[A-Z_]+)\]\n {2}([^\n]+)\n$/.exec(stderr)
  expect(match, `not a sentence, a code and a remedy: ${JSON.stringify(stderr)}`).not.toBeNull()
  expect(stdout).toBe('')
  const [, sentence = '', name = '', remedy = ''] = match ?? []
  expect(sentence, 'a stack trace').not.toMatch(/ {4}at /)
  return { sentence, code: name, remedy, exitCode: code ?? -1 }
}

/**
 * One world for all tests of a suite. Containers have run in it, so that what rt keeps for all of them (the image, br0 and its
 * rules, ip_forward) is there before anything is measured.
 */
export function useRt({ warm = true, ...options }: WorldOptions & { readonly warm?: boolean } = {}): () => Rt {
  let rt: Rt | undefined
  beforeAll(async () => {
    if (!existsSync(launcher)) throw new Error('rt is not built: npm run build')
    rt = new Rt(await createWorld(options))
    if (warm) await warmUp(rt)
  })
  afterAll(async () => {
    await rt?.world[Symbol.asyncDispose]()
  })
  return () => {
    if (!rt) throw new Error('no world before the first test')
    return rt
  }
}

/** The same of networks that the test has made; what stays of them for a published port is there, too. */
export async function warmNetworks(rt: Rt, ...names: string[]): Promise<void> {
  for (const name of names)
    for (const port of ['1', '2']) await rt.out(['run', '--rm', `--network=${name}`, '-p', port, 'busybox', 'true'])
}

/** Twice, because what the bridge driver remembers of a complete bridge is written by the second start. */
export async function warmUp(rt: Rt): Promise<void> {
  for (const which of ['first', 'second']) {
    const { code, stderr } = await rt.run(['run', '--rm', '--network=bridge', 'busybox', 'true'])
    if (code !== 0) throw new Error(`the ${which} container failed: ${stderr}`)
  }
}

/** Waits for what no event tells. */
export async function until(what: string, holds: () => Promise<boolean>, within = 10_000): Promise<void> {
  const deadline = Date.now() + patience(within)
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`after ${patience(within)} ms still not: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
