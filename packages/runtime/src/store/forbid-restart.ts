import { writeFileSync } from 'node:fs'
import type { ContainerId } from '@rt/driver-api'
import { tellDoor } from '@rt/native'
import type { Layout } from '../layout.ts'

/** The user wants it stopped: its policy does not start it again, and a wait for that ends at once. To be called before it is signalled. */
export const forbidRestart = (layout: Layout, id: ContainerId): void => {
  writeFileSync(layout.stopped(id), '', { mode: 0o600 })
  // Where nobody listens it has ended, or has no policy.
  tellDoor(layout.door(id), Buffer.from('S'))
}
