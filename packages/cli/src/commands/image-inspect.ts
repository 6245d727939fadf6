import type { RtCommand } from '../command.ts'
import { command as inspect } from './inspect.ts'

const { type: _, size: __, ...flags } = inspect.flags

export const command: RtCommand = {
  ...inspect,
  summary: 'Show everything that is known of images, as JSON',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  examples: ['rt image inspect --format Config.Cmd busybox'],
  flags,
  run: (invocation) => inspect.run({ ...invocation, flags: invocation.flags.with('type', 'image') }),
}
