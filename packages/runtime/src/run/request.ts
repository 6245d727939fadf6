import type { SpecFlags } from '../spec/index.ts'

/** One container as the user asked for it. */
export interface RunRequest {
  readonly image: string
  readonly name?: string
  readonly hostname?: string
  /** `--dns`, in order */
  readonly dns: readonly string[]
  /** `--add-host NAME:ADDRESS`; the address may be `host-gateway` */
  readonly addHosts: readonly string[]
  readonly autoRemove: boolean
  readonly detach: boolean
  /** `inherit`: the caller's own descriptor; `null`: end of file at once */
  readonly stdin: 'inherit' | 'null'
  readonly spec: SpecFlags
}
