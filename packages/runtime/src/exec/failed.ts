import { RtError } from '@rt/driver-api'
import { errnoName } from '@rt/native'
import { explainFailure, type FailedStep, type ShimFailure, unnamedFailure } from '../run/failed.ts'
import { notRunning } from '../store/init.ts'

/** Docker's status for a program that could not be invoked, whatever the reason. */
const CANNOT_INVOKE = 126

/** Steps of the shim's own in which a container that has just ended shows itself. */
const ENTERING = new Set(['-2', '-5'])
const ENDED = new Set(['ESRCH', 'ENOENT', 'ENOMEM'])
/** setns(2) took no process descriptor before Linux 5.8. */
const ENTER = '-5'

/** Why a program could not be run in a container. `steps`: as `exec` handed them over, JSON. */
export const failedExec = (name: string, steps: string, failure: ShimFailure): RtError => {
  if (ENTERING.has(failure.step) && ENDED.has(errnoName(failure.errno))) return notRunning(name)
  if (failure.step === ENTER && errnoName(failure.errno) === 'EINVAL')
    return new RtError('RT_STEP_FAILED', `This kernel cannot bring a program into the namespaces of ${name}`, {
      remedy: 'That takes Linux 5.8 or newer.',
      exitCode: CANNOT_INVOKE,
    })
  const step = (JSON.parse(steps) as readonly FailedStep[])[Number(failure.step)]
  const error = step ? explainFailure(step, failure) : unnamedFailure(failure)
  return error.exitCode === 125
    ? new RtError(error.code, error.message, { remedy: error.remedy, exitCode: CANNOT_INVOKE })
    : error
}
