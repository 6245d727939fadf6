import { boolean, string } from '@oclif/core/flags'
import { isRtError, type RtError } from '@rt/driver-api'
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

const inspectNetwork = async (rt: Runtime, name: string): Promise<View> => {
  const { networkInspectView } = await import('../view/network-inspect.ts')
  return networkInspectView(await (await rt.networks()).inspect(name))
}

const inspectVolume = async (rt: Runtime, name: string): Promise<View> => {
  const { volumeView } = await import('../view/volume.ts')
  return volumeView((await rt.volumes()).inspect(name))
}

type Inspect = (rt: Runtime, name: string, size: boolean) => View | Promise<View>

/** In Docker's order: a container before an image of that name. */
const KINDS = new Map<string, Inspect>([
  ['container', inspectContainer],
  ['image', inspectImage],
  ['network', inspectNetwork],
  ['volume', inspectVolume],
])

/** A name of one kind need not be one that the others may have. */
const NOT_THERE = /^RT_(CONTAINER|IMAGE|NET|VOLUME)_(UNKNOWN|REFERENCE|NAME_INVALID)$/

const inspectAny: Inspect = async (rt, name, size) => {
  const missing: RtError[] = []
  for (const inspect of KINDS.values()) {
    try {
      return await inspect(rt, name, size)
    } catch (error) {
      if (!isRtError(error) || !NOT_THERE.test(error.code)) throw error
      missing.push(error)
    }
  }
  throw missing[0]
}

export const command: RtCommand = {
  summary: 'Show everything that is known of containers, images, networks and volumes, as JSON',
  description:
    'Field names are Docker\u2019s. FORMAT is a template as Docker takes it, a path, State.Status, or a text with paths in braces, "{Name} {State.Pid}".',
  usage: '[OPTIONS] NAME [NAME...]',
  examples: ['rt inspect --format State.Pid web', 'rt inspect --format "{Name} {NetworkSettings.IPAddress}" web db'],
  flags: {
    format: string({ char: 'f', summary: 'only one field, a text with fields or a template', helpValue: 'FORMAT' }),
    size: boolean({ char: 's', summary: 'with the sizes of containers' }),
    type: string({
      summary: 'only among these: container, image, network or volume',
      options: [...KINDS.keys()],
      helpValue: 'TYPE',
    }),
  },
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: async ({ flags, words, runtime }) => {
    const rt = await runtime()
    await rt.reconcile()
    const inspect = KINDS.get(flags.text('type') ?? '') ?? inspectAny
    const size = flags.on('size')
    return printViews(words, (name) => inspect(rt, name, size), flags.text('format'))
  },
}
