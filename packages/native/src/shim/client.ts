import { keysWord } from '../plan/keys.ts'
/** What stands before a container: which of its streams the caller has, and how the caller lets go of it. */
export interface ClientOptions {
  readonly stdin: boolean
  readonly stdout?: boolean
  readonly stderr?: boolean
  /** Signals that the client gets go to the container (`--sig-proxy`). */
  readonly sigProxy: boolean
  /** Bytes that let go of a terminal when they are typed in a row; none: nothing does. */
  readonly detachKeys: Uint8Array
}

/** As the shim reads them: letters, and numbers with commas. */
export const clientWords = ({ stdin, stdout, stderr, sigProxy, detachKeys }: ClientOptions): [string, string] => [
  `-${stdin ? 'i' : ''}${stdout === false ? '' : 'o'}${stderr === false ? '' : 'e'}${sigProxy ? 's' : ''}`,
  keysWord(detachKeys),
]
