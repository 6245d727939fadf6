import { boolean, string } from '@oclif/core/flags'
import { isRtError } from '@rt/driver-api'
import { lookAtSizes, lookInside, type Runtime } from '@rt/runtime'
import type { RtCommand } from '../command.ts'
import { printViews } from '../print-views.ts'
import { containerView } from '../view/container.ts'
import { imageView } from '../view/image.ts'

type View = Record<string, unknown>

/** @throws RtError RT_CONTAINER_UNKNOWN, RT_CONTAINER_AMBIGUOUS */
const inspectContainer = async (rt: Runtime, name: string, size: boolean): Promise<View> => {
  const { networkId, see, storageView } = await lookInside()
  const seen = await see(rt, name)
  const image = rt.images.ofContainer(seen.record.image.id)
  return containerView({
    seen,
    layout: rt.layout,
    image,
    networkId: ({ name, id }) => networkId(name, id),
    storage: await storageView(rt, seen.record, image),
    ...(size && { size: await (await lookAtSizes()).containerSize(rt, seen.record) }),
  })
}

const inspectImage = (rt: Runtime, name: string): View => imageView(rt.images.require(name), rt.images.list())

/** A container before an image of that name, as in Docker. */
const inspectAny = async (rt: Runtime, name: string, size: boolean): Promise<View> => {
  try {
    return await inspectContainer(rt, name, size)
  } catch (error) {
    if (!isRtError(error) || error.code !== 'RT_CONTAINER_UNKNOWN') throw error
    const image = findImage(rt, name)
    if (!image) throw error
    return imageView(image, rt.images.list())
  }
}

/** A container's name need not be one that an image may have. */
const findImage = (rt: Runtime, name: string): ReturnType<Runtime['images']['find']> => {
  try {
    return rt.images.find(name)
  } catch (error) {
    if (isRtError(error) && error.code === 'RT_IMAGE_REFERENCE') return undefined
    throw error
  }
}

export const command: RtCommand = {
  summary: 'Show everything that is known of containers and images, as JSON',
  description:
    'Field names are Docker\u2019s. FORMAT is a template as Docker takes it, a path, State.Status, or a text with paths in braces, "{Name} {State.Pid}".',
  usage: '[OPTIONS] NAME [NAME...]',
  examples: ['rt inspect --format State.Pid web', 'rt inspect --format "{Name} {NetworkSettings.IPAddress}" web db'],
  flags: {
    format: string({ char: 'f', summary: 'only one field, a text with fields or a template', helpValue: 'FORMAT' }),
    size: boolean({ char: 's', summary: 'with the sizes of containers' }),
    type: string({ summary: 'only among containers or images', options: ['container', 'image'], helpValue: 'TYPE' }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    await rt.reconcile()
    const type = flags.text('type')
    const size = flags.on('size')
    const viewOf = (name: string): View | Promise<View> => {
      if (type === 'image') return inspectImage(rt, name)
      return type === 'container' ? inspectContainer(rt, name, size) : inspectAny(rt, name, size)
    }
    return printViews(words, viewOf, flags.text('format'))
  },
}
