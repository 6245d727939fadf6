import { isRtError, RtError } from '@rt/driver-api'

/** As Docker's exit status has it: 1 for a refused command on what is there, where a refused `run` is 125. */
export const refused = async <T>(act: () => T | Promise<T>): Promise<T> => {
  try {
    return await act()
  } catch (error) {
    if (!isRtError(error) || error.exitCode !== 125) throw error
    const { code, message, remedy, cause } = error
    throw new RtError(code, message, { remedy, cause, exitCode: 1 })
  }
}
