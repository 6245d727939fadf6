import type { SavedRules } from './saved.ts'
import { type Line, SHARED, type SharedChain, type Unit } from './units.ts'

/** A unit that is not as it should be. */
export interface Gap {
  readonly unit: Unit
  /** A line is missing, there twice, or of another mode: all are made anew. Otherwise only the chain's content is not right. */
  readonly lines: boolean
  /** Its lines that are there, as often as they are. */
  readonly present: readonly Line[]
}

/** Rules of others are never looked at. */
export const gapsOf = (units: readonly Unit[], saved: SavedRules): readonly Gap[] =>
  units.flatMap((unit) => {
    const found = saved.rules(unit.table, unit.chain)
    const same = found?.join('\n') === unit.rules.join('\n')
    if (unit.rules.length === 0 && found === undefined) return []
    const here = (lines: readonly Line[]): readonly Line[] =>
      lines.flatMap((line) =>
        (saved.rules(unit.table, line.chain) ?? []).filter((rule) => rule === line.rule).map(() => line),
      )
    const [present, former] = [here(unit.lines), here(unit.former ?? [])]
    const complete =
      former.length === 0 && unit.lines.every((line) => present.filter((each) => each === line).length === 1)
    return same && complete
      ? []
      : [{ unit, lines: !complete || unit.rules.length === 0, present: [...present, ...former] }]
  })

export const missingShared = (saved: SavedRules): readonly SharedChain[] =>
  SHARED.filter(({ table, chain }) => saved.rules(table, chain) === undefined)
