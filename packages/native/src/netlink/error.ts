import { errnoName, errnoText } from '../sys/errno.ts'

/** The kernel's refusal of one netlink request. */
export class NetlinkError extends Error {
  readonly errno: number
  /** The errno's name, `EEXIST`. */
  readonly code: string
  /** What the kernel said beyond the number (extended ack); undefined where it said nothing. */
  readonly kernelText: string | undefined

  constructor(errno: number, kernelText?: string) {
    super(kernelText === undefined ? errnoText(errno) : `${errnoText(errno)}: ${kernelText}`)
    this.name = 'NetlinkError'
    this.errno = errno
    this.code = errnoName(errno)
    this.kernelText = kernelText
  }
}
