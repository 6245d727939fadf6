import type { ContainerId } from '@rt/driver-api'
import { becomeClient, becomeShim, type ClientOptions, startBackground, startStage } from '@rt/native'
import type { RunRequest } from '../request.ts'
import { isDirect } from './background.ts'
import { DEFAULT_DETACH_KEYS } from './detach-keys.ts'
import type { Front } from './front.ts'

/** Programs that the shim becomes when it meets what it has no words or no means for. */
export interface Handlers {
  readonly onFailure: readonly string[]
  readonly onLeave: readonly string[]
  /** Called last of all before this process stops being Node. */
  readonly beforeShim?: (id: ContainerId) => void
  /** How the caller stands before a container that has its monitor in the background. */
  readonly client?: Omit<ClientOptions, 'stdin'>
}

const DEFAULT_CLIENT = { sigProxy: true, detachKeys: DEFAULT_DETACH_KEYS }

/** This process becomes the shim: on success it is no longer Node. */
export const inPlace = (request: RunRequest, { client, ...handlers }: Handlers): Front<never> => {
  const isPartial = client?.stdout === false || client?.stderr === false
  const direct = isDirect(request) && client?.sigProxy !== false && !isPartial
  return {
    ...handlers,
    background: !direct,
    startStage: direct ? startStage : startBackground,
    begin: (plan, { stage, netnsFd, lockFd, heldFds, stdin }) => {
      const fds = { ...(netnsFd !== undefined && { netnsFd }), lockFd, heldFds }
      if (direct) return becomeShim(plan, { stage, ...fds })
      return becomeClient(plan, { monitor: stage, ...fds, ...(client ?? DEFAULT_CLIENT), stdin })
    },
  }
}
