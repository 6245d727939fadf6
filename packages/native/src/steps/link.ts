import type { HostStep, LinkOperation, NetnsStep } from '@rt/driver-api'
import { decodeLink } from '../netlink/decode.ts'
import { NetlinkError } from '../netlink/error.ts'
import { getLink } from '../netlink/link-requests.ts'
import { encodeStep, indexedNames } from '../netlink/requests.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'

export type LinkStep = (HostStep | NetnsStep) & LinkOperation

const LINK_OPERATIONS: ReadonlySet<string> = new Set(['link.add', 'link.set', 'link.del', 'addr.add', 'route.add'])

export const isLinkStep = (step: HostStep | NetnsStep): step is LinkStep => LINK_OPERATIONS.has(step.op)

/** One step's end: `changed` is false where there was nothing to do. */
export interface LinkOutcome {
  readonly step: LinkStep
  readonly changed: boolean
  readonly error?: NetlinkError
}

/**
 * Cuts consecutive steps into batches that go to the kernel as one datagram each. It performs the rest of a datagram after one
 * message fails, so a step that builds on a link waits until the step that adds or removes it is known to have succeeded.
 */
export const batches = (steps: readonly LinkStep[]): LinkStep[][] => {
  const result: LinkStep[][] = []
  let touched = new Set<string>()
  for (const step of steps) {
    const last = result.at(-1)
    if (last === undefined || usedLinks(step).some((name) => touched.has(name))) {
      result.push([step])
      touched = new Set()
    } else {
      last.push(step)
    }
    if (step.op === 'link.add') for (const name of bornLinks(step)) touched.add(name)
    if (step.op === 'link.del') touched.add(step.name)
  }
  return result
}

const bornLinks = (step: Extract<LinkStep, { op: 'link.add' }>): string[] =>
  step.kind === 'veth' ? [step.name, step.peer.name] : [step.name]

const usedLinks = (step: LinkStep): string[] =>
  'name' in step
    ? [step.name, ...(step.op === 'link.set' && step.master !== undefined ? [step.master] : [])]
    : [step.link]

/** Performs one batch on one socket. Never throws for a refusal: the outcomes, in the order of the steps, tell. */
export const performBatch = (
  batch: readonly LinkStep[],
  socket: NetlinkSocket,
  netns: { readonly fd: number } | undefined,
  known?: ReadonlyMap<string, number>,
): LinkOutcome[] => {
  const names = [...new Set(batch.flatMap(indexedNames))]
  const indices = new Map([
    ...(known ?? []),
    ...lookUp(
      names.filter((name) => !known?.has(name)),
      socket,
    ),
  ])
  const missing = (step: LinkStep) => indexedNames(step).find((name) => !indices.has(name))
  const ready = batch.filter((step) => missing(step) === undefined)
  const context = { index: (name: string) => indices.get(name) ?? 0, ...(netns === undefined ? {} : { netns }) }
  const answers = new Map(
    socket.exchange(ready.map((step) => encodeStep(step, context))).map((answer, index) => [ready[index], answer]),
  )
  return batch.map((step) => {
    const name = missing(step)
    if (name !== undefined) return { step, changed: false, error: new NetlinkError(ENODEV, `there is no ${name}`) }
    const error = answers.get(step)?.error
    if (error === undefined) return { step, changed: true }
    return isDone(step, error) || isShared(step, error, socket)
      ? { step, changed: false }
      : { step, changed: false, error }
  })
}

const ENODEV = 19

/** The steps that say of themselves that they are idempotent. */
const isDone = (step: LinkStep, error: NetlinkError): boolean =>
  (step.op === 'link.del' && error.code === 'ENODEV') ||
  (step.op === 'addr.add' && error.code === 'EEXIST') ||
  (step.op === 'route.add' && step.type === 'local' && error.code === 'EEXIST')

/** Another start was faster to make what all containers share: the same kind of link, and with the same address where one was asked for. */
const isShared = (step: LinkStep, error: NetlinkError, socket: NetlinkSocket): boolean => {
  if (step.op !== 'link.add' || step.shared !== true || error.code !== 'EEXIST') return false
  const [reply] = socket.exchange([getLink(step.name)])[0]?.replies ?? []
  const link = reply && decodeLink(reply)
  return link?.kind === step.kind && (step.mac === undefined || link.mac === step.mac)
}

/** No question where there is nothing to ask. */
export const lookUp = (names: readonly string[], socket: NetlinkSocket): Map<string, number> => {
  if (names.length === 0) return new Map()
  const outcomes = socket.exchange(names.map(getLink))
  const indices = new Map<string, number>()
  for (const [position, { replies }] of outcomes.entries()) {
    const [reply] = replies
    if (reply !== undefined) indices.set(names[position] ?? '', decodeLink(reply).index)
  }
  return indices
}
