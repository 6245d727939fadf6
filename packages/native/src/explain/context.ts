/** Where the lines of a step stand in the script. */
export interface ShellContext {
  /** The process that holds the container's network namespace, as a shell word: `"$netns"`. undefined: the host's is used. */
  readonly netns?: string
  /** What stands before a path inside the container: `"$root"` until the root is entered, then nothing. */
  readonly root: string
  /** The programs of the host are gone once the root is entered; `tool` runs the copies that were taken along. */
  readonly entered: 'no' | 'pivot' | 'chroot'
  /** Mounts of the host are to keep their events when the others are cut off: `kept` is the shell's list of them. */
  readonly keeps?: boolean
}

export const OUTSIDE: ShellContext = { netns: '"$netns"', root: '"$root"', entered: 'no' }

/** A program of the host, called from where the step is. */
export const tool = (context: ShellContext, command: string): string =>
  context.entered === 'pivot' ? `tool ${command}` : command
