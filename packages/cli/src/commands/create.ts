import type { RtCommand } from '../command.ts'
import { containerFlags, makingFlags, runRequest } from '../flags/run.ts'
import { attached, attachFlags } from '../flags/stream.ts'
import { openCidFile } from '../open-cid-file.ts'
import { print } from '../output.ts'
import { tellFor } from '../tell.ts'

const { detach: _, ...flags } = containerFlags

export const command: RtCommand = {
  summary: 'Make a container without starting it',
  description: 'The flags of `rt run`. `rt start` starts it, `rt start -ai` in the foreground.',
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  examples: ['rt create --name=box -it busybox sh', 'rt start -ai box'],
  flags: { ...flags, ...makingFlags, ...attachFlags },
  words: { least: 1, most: Number.POSITIVE_INFINITY, stopAtWord: true },
  run: async (invocation) => {
    const rt = await invocation.runtime()
    // Whoever creates it is not who will sit before it: the caller's terminal and pipes say nothing of the container's.
    // Checked, and of no more meaning than to Docker: `start -a` has all of them.
    attached(invocation.flags)
    const request = runRequest(invocation.flags.with('detach', true), invocation.words)
    const cidFile = await openCidFile(invocation.flags)
    try {
      const id = await rt.create(request, tellFor(invocation.flags))
      cidFile?.write(id)
      print(id)
    } catch (error) {
      cidFile?.remove()
      throw error
    }
    return 0
  },
}
