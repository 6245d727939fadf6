import { boolean } from '@oclif/core/flags'
import { lookAround, lookAtImages } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { listingFlags } from '../flags/listing.ts'
import { printFormatted } from '../format.ts'
import { print, printJson } from '../output.ts'
import { shortImageId } from '../view/image-name.ts'
import { IMAGE_COLUMNS, imageRow } from '../view/image-row.ts'

export const command: RtCommand = {
  summary: 'List images',
  description:
    'With a name only those of that repository; it may have *, ? and [a-z]. FORMAT is a template as Docker takes it, json, "table FIELD,FIELD" or a text with {Field} in it. Fields: Repository, Tag, Digest, ID, CreatedSince, CreatedAt, Size.',
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  examples: ['rt images debian', "rt images --filter dangling=true --format '{ID}: {Size}'"],
  flags: {
    all: boolean({ char: 'a', summary: 'accepted for Docker: there are no images between' }),
    quiet: boolean({ char: 'q', summary: 'ids only' }),
    digests: boolean({ summary: 'with what the registry calls them' }),
    'no-trunc': boolean({ summary: 'whole ids' }),
    ...listingFlags('dangling (without a name), reference, label, label!, before, since or until'),
  },
  words: { least: 0, most: 1 },
  run: async ({ flags, words: [name], runtime }) => {
    const { images: store } = await runtime()
    const given = flags.texts('filter')
    const images = name === undefined && given.length === 0 ? store.list() : await chosen(given, name, store)
    const truncate = !flags.on('no-trunc')
    if (flags.on('json')) printJson(images)
    else if (flags.on('quiet')) for (const { id } of images) print(truncate ? shortImageId(id) : id)
    else {
      const digest = flags.on('digests') ? 'Digest,' : ''
      await printFormatted(
        flags.text('format'),
        `table Repository,Tag,${digest}ID,CreatedSince,Size`,
        IMAGE_COLUMNS,
        images.map((image) => imageRow(image, truncate)),
      )
    }
    return 0
  },
}

type Choose = Awaited<ReturnType<typeof lookAtImages>>['chooseImages']

const chosen = async (given: readonly string[], name: string | undefined, store: Parameters<Choose>[0]) => {
  const { chooseImages, IMAGE_FILTERS } = await lookAtImages()
  const { parseFilters } = await lookAround()
  return chooseImages(store, parseFilters(given, IMAGE_FILTERS), name)
}
