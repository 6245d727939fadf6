import { closeSync } from 'node:fs'
import { RtError } from '@rt/driver-api'
import { errorCode } from '../sys/errno.ts'
import { waitReadable } from '../sys/poll.ts'
import { AF_NETLINK, MSG_DONTWAIT, recv, SOCK_RAW_CLOEXEC, sendto, setSocketOption, socket } from '../sys/socket.ts'
import {
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './constants.ts'
import { NetlinkError } from './error.ts'
import {
  formatHeader,
  HEADER_LENGTH,
  type NetlinkMessage,
  parseAttributes,
  parseHeader,
  parseMessages,
} from './structures.ts'

const SOL_NETLINK = 270
const NETLINK_ADD_MEMBERSHIP = 1
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
const NLMSGERR_ATTR_MSG = 1
const DUMP_ATTEMPTS = 10

export interface NetlinkRequest {
  readonly type: number
  /** Besides NLM_F_REQUEST and NLM_F_ACK. */
  readonly flags: number
  readonly body: readonly Uint8Array[]
}

/** What came back for one request: the messages before its ack, or the error. */
export interface NetlinkOutcome {
  readonly replies: Buffer[]
  error?: NetlinkError
}

/**
 * A synchronous netlink socket of the network namespace that the thread is in when it is made. The kernel answers rtnetlink and
 * nfnetlink requests inside the sendto itself, so nothing here ever waits.
 */
export class NetlinkSocket {
  readonly fd: number
  #sequence = 0

  /** `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER. Errors: SyscallError. */
  constructor(protocol: number) {
    this.fd = socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol)
    setSocketOption(this.fd, SOL_NETLINK, NETLINK_CAP_ACK, 1)
    setSocketOption(this.fd, SOL_NETLINK, NETLINK_EXT_ACK, 1)
    // Without it the kernel ignores the filters of a dump and answers with everything.
    setSocketOption(this.fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
  }

  /**
   * Sends all requests as one datagram and reads all answers. The kernel goes on after a request that fails: whoever puts requests
   * into one batch must be content with that. Outcomes are in the order of the requests.
   */
  exchange(requests: readonly NetlinkRequest[]): NetlinkOutcome[] {
    if (requests.length === 0) return []
    const first = this.#sequence + 1
    const outcomes = requests.map((): NetlinkOutcome => ({ replies: [] }))
    this.#send(requests.map((request) => this.#encode(request, NLM_F_ACK)))
    for (let open = requests.length; open > 0; ) {
      for (const message of this.#receive()) {
        const outcome = outcomes[message.seq - first]
        if (outcome === undefined) continue
        if (message.type !== NLMSG_ERROR) {
          outcome.replies.push(message.data)
          continue
        }
        open -= 1
        const error = parseAck(message)
        if (error !== undefined) outcome.error = error
      }
    }
    return outcomes
  }

  /** All objects of a kind. Errors: NetlinkError. */
  dump(type: number, body: readonly Uint8Array[]): Buffer[] {
    for (let attempt = 1; ; attempt += 1) {
      const { replies, interrupted } = this.#dumpOnce(type, body)
      // Interrupted: something changed between two parts of the answer, and it may lack or double an object. On a host whose
      // routes never rest, the last answer is as good as any.
      if (!interrupted || attempt === DUMP_ATTEMPTS) return replies
    }
  }

  /** From now on the kernel tells of changes: RTNLGRP_LINK and the like. For a socket of its own, which asks nothing any more once it listens. */
  subscribe(group: number): void {
    setSocketOption(this.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
  }

  /** What the kernel tells next; nothing where it is silent for `timeoutMs`. */
  next(timeoutMs: number): readonly NetlinkMessage[] {
    return waitReadable([this.fd], timeoutMs).size === 0 ? [] : this.#receive()
  }

  close(): void {
    closeSync(this.fd)
  }

  #dumpOnce(type: number, body: readonly Uint8Array[]): { replies: Buffer[]; interrupted: boolean } {
    const replies: Buffer[] = []
    let interrupted = false
    this.#send([this.#encode({ type, flags: NLM_F_DUMP, body }, 0)])
    for (;;) {
      for (const message of this.#receive()) {
        if (message.seq !== this.#sequence) continue
        interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0
        if (message.type === NLMSG_ERROR) throw parseAck(message) ?? internal('an acknowledgement of a dump')
        if (message.type === NLMSG_DONE) {
          const status = message.data.length >= 4 ? message.data.readInt32LE(0) : 0
          if (status < 0) throw new NetlinkError(-status)
          return { replies, interrupted }
        }
        replies.push(message.data)
      }
    }
  }

  #encode({ type, flags, body }: NetlinkRequest, acknowledge: number): Buffer {
    this.#sequence += 1
    const payload = Buffer.concat(body)
    const padding = Buffer.alloc(-payload.length & 3)
    const length = HEADER_LENGTH + payload.length
    const header = { length, type, flags: NLM_F_REQUEST | acknowledge | flags, seq: this.#sequence, port: 0 }
    return Buffer.concat([formatHeader(header), payload, padding])
  }

  #send(messages: readonly Buffer[]): void {
    sendto(this.fd, Buffer.concat(messages))
  }

  #receive(): NetlinkMessage[] {
    buffer ??= Buffer.allocUnsafeSlow(64 * 1024)
    try {
      // Copied: the next datagram overwrites the buffer, and the replies are slices.
      return parseMessages(Buffer.from(buffer.subarray(0, recv(this.fd, buffer, MSG_DONTWAIT))))
    } catch (error) {
      if (errorCode(error) === 'EAGAIN') throw internal('no answer')
      throw error
    }
  }
}

/** The kernel fills at most 32 KiB per datagram of a dump. Shared: every exchange ends before another one begins. */
let buffer: Buffer | undefined

const internal = (what: string): RtError => new RtError('RT_INTERNAL', `The kernel gave ${what} on a netlink socket.`)

/** undefined: it was an acknowledgement of success. */
const parseAck = (message: NetlinkMessage): NetlinkError | undefined => {
  const errno = -message.data.readInt32LE(0)
  if (errno === 0) return undefined
  const { flags } = message
  if ((flags & NLM_F_ACK_TLVS) === 0) return new NetlinkError(errno)
  // The refused request follows the errno: only its header when the answer is capped, all of it otherwise.
  const echoed = (flags & NLM_F_CAPPED) !== 0 ? HEADER_LENGTH : parseHeader(message.data.subarray(4)).x.length
  let text: string | undefined
  parseAttributes(message.data.subarray(4 + ((echoed + 3) & ~3)), ({ type, data }) => {
    if (type === NLMSGERR_ATTR_MSG) text = data.toString('utf8').replace(/\0$/, '')
  })
  return new NetlinkError(errno, text)
}
