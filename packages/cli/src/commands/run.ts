import { boolean } from '@oclif/core/flags'
import type { ContainerId } from '@rt/driver-api'
import type { RtCommand } from '../command.ts'
import { containerFlags, makingFlags, runRequest } from '../flags/run.ts'
import { attached, attachFlags, clientFlags, clientOptions } from '../flags/stream.ts'
import { handlers } from '../handlers.ts'
import { openCidFile } from '../open-cid-file.ts'
import { complain, print } from '../output.ts'
import { tellFor } from '../tell.ts'

export const command: RtCommand = {
  summary: 'Run a command in a new container',
  description:
    "In a terminal the container gets a terminal (-it); with a pipe its standard input is connected. The exit status is the command's; 125: rt failed, 126: not executable, 127: not found, 128+n: ended by signal n.",
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  examples: [
    'rt run -it busybox',
    'rt run -d --name=web --restart=always -m 64m busybox httpd -f',
    'rt run --rm --network=none busybox ip addr',
    'rt run --network=bridge --storage=overlay busybox sh',
    'echo hello | rt run --rm busybox cat',
  ],
  flags: {
    ...containerFlags,
    ...makingFlags,
    ...clientFlags,
    ...attachFlags,
    explain: boolean({ summary: 'print every step with its shell commands and the reason for it, then run' }),
    'dry-run': boolean({ summary: 'plan and check everything, print the steps, run nothing' }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY, stopAtWord: true },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    const request = runRequest(flags, words)
    const { stdout, stderr } = attached(flags)
    const client = { ...clientOptions(flags), ...(stdout !== undefined && { stdout, stderr }) }
    const tell = tellFor(flags)
    if (flags.on('explain') || flags.on('dry-run')) {
      const { explainRun, flagWords, toLines, summarize } = await import('../explain/index.ts')
      const explanation = await explainRun(
        rt,
        flagWords(flags, Object.keys(containerFlags)),
        words,
        await rt.plan(request, tell),
      )
      const lines = flags.on('explain') ? toLines(explanation) : summarize(explanation)
      if (flags.on('dry-run')) {
        for (const line of lines) print(line)
        return 0
      }
      // On stderr: the container's own output is the output of this command.
      for (const line of lines) complain(line)
    }
    const { beforeShim, ...back } = handlers(rt)
    const cidFile = await openCidFile(flags)
    // Whoever sees nothing of it is told its name, as in Docker.
    const isUnseen = stdout === false && stderr === false
    const known = (id: ContainerId): void => {
      cidFile?.write(id)
      if (isUnseen) print(id)
      beforeShim?.(id)
    }
    try {
      return await rt.inPlace.run(request, { ...back, client, beforeShim: known }, tell)
    } catch (error) {
      cidFile?.remove()
      throw error
    }
  },
}
