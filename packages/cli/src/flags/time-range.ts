import { lookAtTimes } from '@rt/runtime'
import type { ParsedFlags } from '../command.ts'

/** `--since` and `--until`. @throws RtError RT_USAGE */
export const timeRange = async (flags: ParsedFlags): Promise<{ readonly since?: bigint; readonly until?: bigint }> => {
  const [since, until] = [flags.text('since'), flags.text('until')]
  if (since === undefined && until === undefined) return {}
  const { parseTime } = await lookAtTimes()
  return {
    ...(since !== undefined && { since: parseTime(since, '--since') }),
    ...(until !== undefined && { until: parseTime(until, '--until') }),
  }
}
