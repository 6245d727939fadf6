import { type OciUser, RtError } from '@rt/driver-api'

/** `--group-add`, names and numbers apart. @throws RtError RT_USAGE */
export function additionalGroups(given: readonly string[] = []): Omit<OciUser, 'username'> {
  const wrong = given.find((group) => !/^[^\s:,]+$/.test(group))
  if (wrong !== undefined)
    throw new RtError('RT_USAGE', `--group-add "${wrong}" is neither the name nor the number of a group`, {
      remedy: 'Give the flag once for each group: --group-add video --group-add 104.',
    })
  const isNumber = (group: string): boolean => /^\d+$/.test(group)
  const names = given.filter((group) => !isNumber(group))
  const additionalGids = given.filter(isNumber).map(Number)
  const wide = additionalGids.find((gid) => gid > 0x7fff_ffff)
  if (wide !== undefined)
    throw new RtError('RT_USAGE', `--group-add ${wide} is beyond the last number of a group`, {
      remedy: 'Give a number up to 2147483647.',
    })
  return { additionalGids, ...(names.length > 0 && { additionalGroups: names }) }
}
