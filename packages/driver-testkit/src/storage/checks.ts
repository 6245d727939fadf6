import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { answerProblem, type StorageDriver } from '@rt/driver-api'
import { program } from '@rt/native/throwaway'
import { atOnce } from '../bench/at-once.ts'
import { IMPOSSIBLE } from '../bench/bench.ts'
import { commonChecks } from '../bench/common.ts'
import { canPaste, paste } from '../bench/pasted.ts'
import { expectSame, hostState } from '../bench/scratch.ts'
import { ensure } from '../check.ts'
import type { StorageBench } from './bench.ts'
import type { StorageCheck } from './check.ts'
import { DELETED, MERGED } from './layers.ts'

const MANY = 3
/** The runtime makes a container's directory before it asks. */
const DIRECTORY = /^file \/run\/check\/root\/containers\//

const ensureMerged = (root: string): void => {
  for (const [name, text] of Object.entries(MERGED))
    ensure(
      existsSync(`${root}/${name}`) && readFileSync(`${root}/${name}`, 'utf8') === text,
      `${name} is not as in the image`,
    )
  ensure(!existsSync(`${root}/${DELETED}`), `${DELETED} is there, which a layer of the image deleted`)
}

const checks: StorageCheck[] = [
  {
    name: 'answers plans, and changes nothing while it makes them',
    run: async (bench) => {
      const before = await hostState()
      const prepared = await bench.plan()
      await expectSame(before, 'after prepare', DIRECTORY)
      bench.end(prepared, 'before anything was done')
      bench.remove(prepared)
      await expectSame(before, 'after a plan that was given up')
    },
  },
  {
    name: 'shows the layers of an image as one tree',
    run: async (bench) => {
      const prepared = await bench.plan()
      bench.perform(prepared.plan.enter)
      bench.within(prepared, ensureMerged)
      bench.end(prepared)
      bench.remove(prepared)
    },
  },
  {
    name: 'keeps what a container writes from the image and from other containers',
    run: async (bench) => {
      const before = await layersOf(bench)
      const [one, other] = [await bench.plan(), await bench.plan()]
      for (const { plan } of [one, other]) bench.perform(plan.enter)
      bench.within(one, (root) => {
        writeFileSync(`${root}/changed.txt`, 'by one\n')
        rmSync(`${root}/kept.txt`)
        writeFileSync(`${root}/own.txt`, 'by one\n')
      })
      bench.within(other, (root) => {
        ensureMerged(root)
        ensure(!existsSync(`${root}/own.txt`), 'a container sees a file that another one wrote')
      })
      ensure((await layersOf(bench)) === before, 'the layers of the image have changed')
      for (const each of [one, other]) bench.end(each)
      for (const each of [one, other]) bench.remove(each)
    },
  },
  {
    name: 'finds again what a container wrote before',
    applies: ({ capabilities }) => capabilities.keeps,
    run: async (bench) => {
      const first = await bench.plan()
      bench.perform(first.plan.enter)
      bench.within(first, (root) => {
        writeFileSync(`${root}/own.txt`, 'mine\n')
        rmSync(`${root}/kept.txt`)
      })
      bench.end(first)
      const again = await bench.plan(first.container, true)
      bench.perform(again.plan.enter)
      bench.within(again, (root) => {
        ensure(existsSync(`${root}/own.txt`), 'what the container wrote is gone when it starts again')
        ensure(!existsSync(`${root}/kept.txt`), 'what the container deleted is back when it starts again')
      })
      bench.end(again)
      bench.remove(again)
    },
  },
  {
    name: 'shows the files of a container that has ended',
    applies: ({ driver, capabilities }) => capabilities.view && driver.view !== undefined,
    run: async (bench) => {
      const one = await bench.plan()
      bench.perform(one.plan.enter)
      bench.within(one, (root) => writeFileSync(`${root}/own.txt`, 'mine\n'))
      bench.end(one)
      const { layers } = bench
      const view = await bench.driver().view?.({ layers, directory: one.directory })
      const problem = answerProblem('storage', 'view', view)
      ensure(problem === undefined, `the answer to view ${problem}`)
      const place = view?.upper ?? view?.root ?? ''
      ensure(existsSync(`${place}/own.txt`), `${place} has not the file that the container wrote`)
      bench.remove(one)
    },
  },
  {
    name: 'has the method view, or says that it shows no files',
    applies: ({ capabilities }) => capabilities.view,
    run: (bench) => ensure(bench.driver().view !== undefined, 'capabilities.view is true, and there is no method view'),
  },
  {
    name: 'leaves nothing behind when a container has ended and is removed',
    run: async (bench) => {
      const before = await hostState()
      const one = await bench.plan()
      bench.perform(one.plan.enter)
      bench.within(one, () => {})
      bench.end(one)
      bench.remove(one)
      await expectSame(before, 'after the container was removed')
    },
  },
  {
    name: 'is undone where a step fails',
    run: async (bench) => {
      const before = await hostState()
      const one = await bench.plan()
      let failed = false
      try {
        bench.perform([...one.plan.enter, IMPOSSIBLE])
      } catch {
        failed = true
      }
      ensure(failed, 'a step that cannot be performed was performed')
      bench.end(one, 'after a failed start')
      bench.remove(one)
      await expectSame(before, 'after a start whose last step failed')
    },
  },
  {
    name: 'survives a crash between any two steps: the next start is whole, and nothing is left behind',
    run: async (bench) => {
      const before = await hostState()
      const first = await bench.plan()
      const { length } = first.plan.enter
      bench.remove(first)
      const crash = async (steps: number) => {
        const one = await bench.plan()
        bench.perform(one.plan.enter.slice(0, steps))
        bench.end(one, `after a crash behind step ${steps} of ${length}`)
        return one
      }
      for (let steps = 0; steps <= length; steps++) {
        bench.remove(await crash(steps))
        await expectSame(before, `after a crash behind step ${steps} of ${length}`)
        const again = await bench.plan((await crash(steps)).container, true)
        bench.perform(again.plan.enter)
        bench.within(again, ensureMerged)
        bench.end(again)
        bench.remove(again)
        await expectSame(before, `after a crash behind step ${steps} of ${length} and another start`)
      }
    },
  },
  {
    name: 'can be cleaned up after twice, and when everything is gone already',
    run: async (bench) => {
      const before = await hostState()
      const one = await bench.plan()
      bench.perform(one.plan.enter)
      bench.end(one)
      bench.end(one, 'a second time')
      bench.remove(one)
      bench.end(one, 'when the container is removed')
      await expectSame(before, 'after the way back from nothing')
    },
  },
  {
    name: `prepares ${MANY} containers at once`,
    run: async (bench) => {
      const before = await hostState()
      await atOnce(bench.trial, MANY)
      await expectSame(before, 'after all of them have ended', DIRECTORY)
    },
  },
  {
    name: 'is explained by a script that does the same when it is pasted',
    applies: canPaste,
    run: async (bench) => {
      const before = await hostState()
      const one = await bench.plan()
      const { enter, mounts, leave } = one.plan
      const script = {
        host: enter,
        namespace: 'host',
        newNamespaces: ['mount'],
        sandbox: [...mounts],
        cgroups: [],
        leave: [...leave],
      } as const
      await paste(script, () => {})
      bench.end(one)
      bench.remove(one)
      await expectSame(before, 'after the pasted script')
    },
  },
]

const layersOf = async ({ layers }: StorageBench): Promise<string> =>
  (await program(['sh', '-c', 'ls -lR "$@"; find "$@" -type f -exec cat {} +', 'sh', ...layers])).stdout

export const storageChecks: readonly StorageCheck[] = [...commonChecks<StorageDriver, StorageBench>(), ...checks]
