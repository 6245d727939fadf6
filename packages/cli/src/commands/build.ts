import { writeFileSync } from 'node:fs'
import { boolean, string } from '@oclif/core/flags'
import { familiar, parseReference } from '@rt/images'
import { BUILD_NETWORKS, BUILDERS, type BuilderName, type BuildNetwork } from '@rt/runtime'
import type { FlagDefinitions, RtCommand } from '../command.ts'
import { many } from '../flags/many.ts'
import { complain, print } from '../output.ts'

/** What Docker's scripts give and what is so anyway. */
const accepted: FlagDefinitions = {
  'force-rm': boolean({ summary: 'accepted for Docker: nothing of a build is left' }),
  load: boolean({ summary: 'accepted for Docker: the image comes into the store' }),
  progress: string({ summary: 'accepted for Docker: the steps are plain lines', helpValue: 'TYPE' }),
  rm: boolean({ summary: 'accepted for Docker: nothing of a build is left' }),
}

export const command: RtCommand = {
  summary: 'Make an image of a Dockerfile',
  description:
    'By buildah or BuildKit, whichever is installed: images of this store are its base images, and the result comes into this store. Its steps go to stderr, the id of the image to stdout.',
  usage: '[OPTIONS] CONTEXT|-',
  examples: ['rt build -t app:1 .', 'rt build -t app --build-arg VERSION=2 --target test -f docker/Dockerfile .'],
  flags: {
    tag: string({ char: 't', summary: 'a name for the image', helpValue: 'NAME[:TAG]', ...many }),
    file: string({ char: 'f', summary: 'the Dockerfile; - for standard input', helpValue: 'FILE' }),
    'build-arg': string({ summary: 'a value for an ARG', helpValue: 'NAME[=VALUE]', ...many }),
    target: string({ summary: 'the stage to build', helpValue: 'STAGE' }),
    label: string({ summary: 'a label for the image', helpValue: 'KEY=VALUE', ...many }),
    'no-cache': boolean({ summary: 'do every step again' }),
    pull: boolean({ summary: 'ask the registries for base images, even for those that are here' }),
    platform: string({ summary: 'what the image is for', helpValue: 'OS/ARCH[/VARIANT]' }),
    secret: string({ summary: 'a file that RUN --mount=type=secret may read', helpValue: 'id=ID,src=FILE', ...many }),
    'add-host': string({ summary: 'a name for RUN', helpValue: 'NAME:ADDRESS', ...many }),
    network: string({ summary: 'of RUN: host or default', helpValue: 'MODE', options: [...BUILD_NETWORKS] }),
    iidfile: string({ summary: 'write the id to this file', helpValue: 'FILE' }),
    quiet: boolean({ char: 'q', summary: 'print only the id' }),
    ...accepted,
    builder: string({ summary: 'who builds it', helpValue: 'NAME', options: [...BUILDERS] }),
  },
  words: { least: 1, most: 1 },
  run: async ({ flags, words: [context = ''], runtime }) => {
    const rt = await runtime()
    const tags = flags.texts('tag')
    for (const tag of tags) parseReference(tag)
    const text = <K extends string>(key: K): { [P in K]?: string } => {
      const value = flags.text(key)
      return (value === undefined ? {} : { [key]: value }) as { [P in K]?: string }
    }
    // One of its words by the flag's own definition.
    const builder = flags.text('builder') as BuilderName | undefined
    const network = flags.text('network') as BuildNetwork | undefined
    const image = await rt.build(
      {
        context,
        tags,
        ...text('file'),
        ...text('target'),
        ...text('platform'),
        args: flags.texts('build-arg'),
        labels: flags.texts('label'),
        secrets: flags.texts('secret'),
        addHosts: flags.texts('add-host'),
        ...(network !== undefined && { network }),
        noCache: flags.on('no-cache'),
        pull: flags.on('pull'),
        quiet: flags.on('quiet'),
        ...(builder !== undefined && { builder }),
      },
      (line) => complain(`rt: ${line}`),
    )
    if (!flags.on('quiet')) for (const tag of tags) complain(`Tagged ${familiar(parseReference(tag))}`)
    const idFile = flags.text('iidfile')
    if (idFile !== undefined) writeFileSync(idFile, image.id)
    print(image.id)
    return 0
  },
}
