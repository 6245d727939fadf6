import { capture } from '@rt/native'
import { parseSaved, type SavedRules } from './saved.ts'
import { program } from './steps.ts'
import type { Family } from './units.ts'

/** All rules of a family, as they are. Costs a process. */
export const look = (family: Family): SavedRules => parseSaved(capture(`${program(family)}-save`))
