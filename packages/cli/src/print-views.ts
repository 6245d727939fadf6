import { isRtError, type RtError } from '@rt/driver-api'
import { compileFormat } from './json-path.ts'
import { complainOf } from './outcomes.ts'
import { print, printJson } from './output.ts'

/**
 * What the `inspect` commands print: all views as one JSON list, or each by the format. One name that is not there does not keep the others.
 *
 * @returns the exit status, 1 where a name was not there
 */
export const printViews = async (
  names: readonly string[],
  viewOf: (name: string) => Record<string, unknown> | Promise<Record<string, unknown>>,
  format: string | undefined,
): Promise<number> => {
  const formatted = format ? await compileFormat(format) : undefined
  const views: Record<string, unknown>[] = []
  const missing: RtError[] = []
  for (const name of names) {
    try {
      views.push(await viewOf(name))
    } catch (error) {
      if (!isRtError(error)) throw error
      missing.push(error)
    }
  }
  if (formatted) for (const view of views) print(formatted(view))
  else if (views.length > 0) printJson(views)
  for (const error of missing) complainOf(error)
  return missing.length > 0 ? 1 : 0
}
