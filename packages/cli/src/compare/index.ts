import { isRtError } from '@rt/driver-api'
import { awaitLinksGone } from '@rt/native/look'
import type { Runtime } from '@rt/runtime'
import type { Calls } from './call.ts'
import { type Axes, combine } from './combinations.ts'
import type { Column, Comparison, Results } from './comparison.ts'
import { figureOf } from './figures.ts'
import { type Held, hold } from './hold.ts'
import { lookAt } from './look.ts'
import { containerOf, type Measured, measure } from './measure.ts'
import { countProcesses, networkOf } from './observe.ts'
import { differenceOf } from './output.ts'
import { findOutside, type Outside, reachOutside } from './reach.ts'
import { comparedSteps } from './steps.ts'

export { AXES, parseAxis } from './combinations.ts'
export { toPage } from './page.ts'
export { toTable } from './table.ts'

export interface CompareOptions {
  readonly image: string
  readonly command: readonly string[]
  readonly flags: readonly string[]
  readonly axes: Axes
  readonly repeat: number
  /** HOST:PORT; undefined: the next hop of the host's default route. */
  readonly outside?: string
  readonly signal: AbortSignal
  /** Is given a line for each thing that is begun. */
  readonly tell: (line: string) => void
}

/**
 * Runs one command under several drivers, and looks at what they made. All that is said of them is seen: nothing is known of any driver.
 * Every container is taken away again, whatever happens: by the next rt where this one is killed.
 *
 * @throws RtError RT_USAGE; the signal's reason after an abort
 */
export const compare = async (rt: Runtime, options: CompareOptions): Promise<Comparison> => {
  const { image, command, flags, repeat, signal, tell } = options
  // What cannot be meant is said before anything is made.
  await findOutside(options.outside, networkOf(undefined))
  const made = new Set<string>()
  const owned = rt.ownNames()
  const calls: Calls = {
    ...{ rt, image, command, flags, signal },
    name: () => {
      const name = owned.next()
      made.add(name)
      return name
    },
    remove: (names) => removeAll(rt, names),
  }
  try {
    // All of them once before any is looked at: what the first container of a network makes of the host is then there for all.
    const first = new Map<Column, Awaited<ReturnType<typeof hold>>>()
    for (const combination of combine(options.axes)) {
      tell(`tries ${combination.name}`)
      const held = await hold(calls, combination)
      first.set(combination, held)
      if (!('failure' in held)) await calls.remove([held.container.record.name])
    }
    awaitLinksGone([...first.values()].flatMap((held) => ('failure' in held ? [] : cablesOf(held))))
    const host = networkOf(undefined)
    const outside = await findOutside(options.outside, host)
    const columns: Column[] = []
    for (const [combination, held] of first) {
      tell(`looks at ${combination.name}`)
      columns.push({
        ...combination,
        ...('failure' in held ? held : await lookAtColumn(calls, combination, held, outside)),
      })
    }
    const runs = await measureAll(calls, columns, repeat, tell)
    return {
      version: 1,
      ...{ image, command, flags, repeat },
      host: {
        ...host,
        ...(outside && { outside: outside.label }),
        reach: { outside: reachOutside(undefined, outside) },
        processes: countProcesses('/proc'),
      },
      columns: withResults(columns, runs),
    }
  } finally {
    await removeAll(rt, [...made])
    owned.release()
  }
}

/** Their ends on the host. */
const cablesOf = ({ container }: Held): string[] =>
  container.record.networks.flatMap(({ attachment }) => attachment.interfaces.flatMap(({ hostEnd }) => hostEnd ?? []))

type Facts = Pick<Column, 'failure' | 'look' | 'steps'>

/** Two containers beside each other. `first`: the very first one of these drivers, which may have made things for all that follow. */
const lookAtColumn = async (
  calls: Calls,
  combination: Column,
  first: Held,
  outside: Outside | undefined,
): Promise<Facts> => {
  const [peer, held] = [await hold(calls, combination), await hold(calls, combination)]
  if ('failure' in peer) return peer
  if ('failure' in held) return held
  const facts = {
    look: await lookAt(calls.rt, held.container, peer.container, outside),
    steps: await comparedSteps(calls.rt, held, first),
  }
  await calls.remove([peer, held].map(({ container }) => container.record.name))
  return facts
}

/** In turns, so that what else the machine does meets all of them alike. */
const measureAll = async (
  calls: Calls,
  columns: readonly Column[],
  repeat: number,
  tell: (line: string) => void,
): Promise<ReadonlyMap<Column, readonly Measured[]>> => {
  const runs = new Map<Column, Measured[]>()
  for (let turn = 1; turn <= repeat; turn++)
    for (const column of columns) {
      if (column.failure) continue
      tell(`runs it under ${column.name}, ${turn} of ${repeat}`)
      runs.set(column, [...(runs.get(column) ?? []), await measure(calls, column)])
    }
  return runs
}

const withResults = (columns: readonly Column[], runs: ReadonlyMap<Column, readonly Measured[]>): Column[] => {
  const [first] = [...runs.values()].flat()
  return columns.map((column) => {
    const all = runs.get(column)
    return all && first ? { ...column, results: resultsOf(all, first) } : column
  })
}

const resultsOf = (runs: readonly Measured[], reference: Measured): Results => {
  const [{ stdout, stderr, truncated } = reference] = runs
  const memory = runs.flatMap(({ memoryBytes }) => memoryBytes ?? [])
  const starts = runs.flatMap(({ startMs }) => startMs ?? [])
  return {
    exitCodes: runs.map(({ exitCode }) => exitCode),
    ...(starts.length > 0 && { start: figureOf(starts) }),
    finish: figureOf(runs.map(({ finishMs }) => finishMs)),
    disk: figureOf(runs.map(({ diskBytes }) => diskBytes)),
    ...(memory.length > 0 && { memory: figureOf(memory) }),
    output: {
      ...{ stdout, stderr, truncated },
      steady: runs.every((run) => run.stdout === stdout && run.stderr === stderr),
      difference: [...differenceOf(reference.stdout, stdout), ...differenceOf(reference.stderr, stderr)],
    },
  }
}

/** How long the processes of a start that was killed may take to notice. */
const TRIES = 100

/** Also those whose rt was killed in the middle of a start. @throws the first error */
const removeAll = async (rt: Runtime, names: readonly string[], tries = TRIES): Promise<void> => {
  const there = names.filter((name) => containerOf({ rt }, name))
  for (const outcome of await rt.remove(there, { force: true, volumes: true })) {
    if (!('error' in outcome)) continue
    const isStarting = isRtError(outcome.error) && outcome.error.code === 'RT_CONTAINER_RUNNING'
    if (!isStarting || tries === 0) throw outcome.error
    await new Promise((resolve) => setTimeout(resolve, 50))
    return removeAll(rt, names, tries - 1)
  }
}
