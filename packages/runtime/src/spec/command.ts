import { RtError } from '@rt/driver-api'

export interface CommandInput {
  readonly image: { readonly Entrypoint?: readonly string[] | null; readonly Cmd?: readonly string[] | null }
  /** The words after the image's name. */
  readonly command: readonly string[]
  /** `--entrypoint`; an empty string resets the image's. */
  readonly entrypoint?: string
}

/**
 * The argv of the container, by Docker's rules: entrypoint and then command. `--entrypoint` is one word, and takes the image's
 * Cmd away with its Entrypoint, since the one was written for the other.
 * @throws RtError RT_USAGE where nothing is left to run
 */
export function containerArgs({ image, command, entrypoint }: CommandInput): readonly [string, ...string[]] {
  const first = entrypoint === undefined ? (image.Entrypoint ?? []) : entrypoint === '' ? [] : [entrypoint]
  const rest = command.length > 0 || entrypoint !== undefined ? command : (image.Cmd ?? [])
  const [program, ...args] = [...first, ...rest]
  if (program === undefined || program === '') {
    throw new RtError('RT_USAGE', 'There is no command: neither the image nor the command line names one.', {
      remedy: 'Write the command after the image, `rt run IMAGE COMMAND`.',
    })
  }
  return [program, ...args]
}
