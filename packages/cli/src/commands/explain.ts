import { string } from '@oclif/core/flags'
import type { RtCommand } from '../command.ts'
import type { Format } from '../explain/index.ts'
import type { Language } from '../explain/reasons.ts'
import { containerFlags, runRequest } from '../flags/run.ts'
import { complain, write } from '../output.ts'
import { tell } from '../tell.ts'

export const command: RtCommand = {
  summary: 'Explain a run, or how a container was started, step by step: as a shell script, document or page',
  description:
    'Every step in order with the reason for it and where to read more. The script works when a root shell is given it. One word alone that is the name of a container explains how that was started.',
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...] | CONTAINER',
  examples: [
    'rt explain --network=bridge --storage=overlay busybox ip addr',
    'rt explain busybox | less',
    'rt explain --format=html web >web.html',
    'rt explain --lang=zh --format=md busybox',
  ],
  flags: {
    format: string({
      summary: 'sh, a script (the default); md, json or html',
      helpValue: 'FORMAT',
      options: ['sh', 'md', 'json', 'html'],
    }),
    lang: string({ summary: 'the language of the reasons: en or zh', helpValue: 'LANGUAGE', options: ['en', 'zh'] }),
    type: string({
      summary: 'what the word names, where it could be both: container or image',
      helpValue: 'TYPE',
      options: ['container', 'image'],
    }),
    ...containerFlags,
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY, stopAtWord: true },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    const { explainContainer, explained, explainRun, flagWords, subjectOf } = await import('../explain/index.ts')
    const { sayIn } = await import('../explain/reasons.ts')
    const explanation =
      subjectOf(rt, flags, words, complain) === 'container'
        ? await explainContainer(rt, await rt.planOf(words[0] ?? ''))
        : await explainRun(
            rt,
            flagWords(flags, Object.keys(containerFlags)),
            words,
            await rt.plan(runRequest(flags, words), tell),
          )
    // Each one of its words by the flag's own definition.
    const language = (flags.text('lang') ?? 'en') as Language
    write(1, explained(explanation, (flags.text('format') ?? 'sh') as Format, sayIn(language), language))
    return 0
  },
}
