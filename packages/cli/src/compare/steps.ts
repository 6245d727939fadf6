import { explainParts } from '@rt/native/explain'
import { explainInput, type Runtime } from '@rt/runtime'
import type { ComparedStep } from './comparison.ts'
import { type Held, PAUSE } from './hold.ts'

/** The steps of a container with names in place of what every container has of its own, and those that only the first one needed. */
export const comparedSteps = async (rt: Runtime, held: Held, first: Held): Promise<ComparedStep[]> => {
  const steps = await namedSteps(rt, held)
  const known = new Set(steps.map(keyOf))
  const firstOnes = await namedSteps(rt, first)
  const all = merge([firstOnes.filter((step) => step.once || known.has(keyOf(step))).map(keyOf), steps.map(keyOf)])
  const byKey = new Map([...firstOnes, ...steps].map((step) => [keyOf(step), step]))
  return all.flatMap((key) => {
    const step = byKey.get(key)
    return step ? [{ ...step, once: !known.has(key) }] : []
  })
}

export const keyOf = ({ where, commands }: Pick<ComparedStep, 'where' | 'commands'>): string =>
  [where, ...commands].join('\n')

/** One list that has every key of all lists once, each list's in its own order. */
export const merge = (lists: readonly (readonly string[])[]): string[] => {
  const merged: string[] = []
  for (const list of lists) {
    let at = 0
    for (const key of list) {
      const found = merged.indexOf(key)
      if (found >= 0) at = Math.max(at, found + 1)
      else merged.splice(at++, 0, key)
    }
  }
  return merged
}

const namedSteps = async (rt: Runtime, { container, plan }: Held): Promise<ComparedStep[]> => {
  const { id, name, networks } = container.record
  const own: [string, string][] = [
    [id, '<id>'],
    [id.slice(0, 12), '<id>'],
    [name, '<name>'],
    ...networks
      .flatMap(({ attachment }) => attachment.interfaces)
      .flatMap(({ addresses, mac, hostEnd }): [string, string][] => [
        ...addresses.map((each): [string, string] => [each.split('/')[0] ?? each, '<address>']),
        [mac, '<mac>'],
        ...(hostEnd === undefined ? [] : [[hostEnd, '<cable>'] as [string, string]]),
      ]),
    [`${PAUSE} pause`, '<command>'],
  ]
  const named = (text: string): string => own.reduce((result, [value, word]) => replaced(result, value, word), text)
  return explainParts(await explainInput(rt.layout, '', id, plan)).flatMap(({ part, steps }) =>
    steps.flatMap(({ step, why, see, commands }) => {
      if (commands.some((line) => line.includes(PAUSE) && !line.includes(`${PAUSE} pause`))) return []
      return [
        {
          where: part === 'end' ? 'end' : step.where,
          operation: step.op,
          why: named(why),
          see,
          commands: commands.map(named),
          once: step.shared === true,
        },
      ]
    }),
  )
}

/** Whole values only: 172.16.0.2 is not the beginning of 172.16.0.21. */
const replaced = (text: string, value: string, word: string): string =>
  value === '' ? text : text.replace(new RegExp(`(?<![\\w.:])${escaped(value)}(?![\\w:]|\\.\\d)`, 'g'), word)

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
