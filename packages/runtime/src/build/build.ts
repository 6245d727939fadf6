import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { RtError } from '@rt/driver-api'
import type { Image, ImageStore, RegistryAccess } from '@rt/images'
import { type Command, findProgram, runTool } from '@rt/native'
import type { Layout } from '../layout.ts'
import { buildahPlan, buildahTidy } from './buildah.ts'
import { chooseBuilder } from './builders.ts'
import { buildkitPlan } from './buildkit.ts'
import { registriesConf } from './registries-conf.ts'
import type { BuilderName, BuildRequest, BuildSite } from './request.ts'
import { makeScratch } from './scratch.ts'

export interface BuildHouse {
  readonly layout: Layout
  readonly images: ImageStore
  readonly access: RegistryAccess
}

/**
 * Has a Dockerfile built, and brings what comes of it into the store under each of its tags. What the builder says goes to standard error.
 *
 * @throws RtError RT_BUILD_NO_BUILDER, RT_BUILD_FAILED, RT_USAGE, RT_IMAGE_REFERENCE; nothing is kept of the image then
 */
export const buildImage = async (
  house: BuildHouse,
  asked: BuildRequest,
  onWarning: (text: string) => void,
): Promise<Image> => {
  const builder = chooseBuilder(asked.builder)
  const request = located(asked)
  const { layout, images } = house
  const scratch = await makeScratch(layout, () => tidy(layout))
  try {
    return await images.adopt(
      request.tags,
      async (output) => {
        const site = { scratch: scratch.path, output, cache: layout.buildCache, runCache: layout.runBuild }
        await (builder === 'buildah' ? byBuildah(house, request, site) : byBuildkit(house, request, site))
      },
      { onWarning, ...(request.platform !== undefined && { platform: request.platform }) },
    )
  } finally {
    scratch.dispose()
  }
}

/** Takes away the containers in which builds worked that were killed. What those had finished stays, for the next one. */
const tidy = async ({ buildCache, runBuild }: Layout): Promise<void> => {
  if (!existsSync(join(buildCache, 'buildah')) || findProgram('buildah') === undefined) return
  const command = buildahTidy({ cache: buildCache, runCache: runBuild }, process.env)
  await run('buildah', command, { env: process.env, quiet: true })
}

const byBuildah = async ({ images, access }: BuildHouse, request: BuildRequest, site: BuildSite): Promise<void> => {
  const env = access.env ?? process.env
  const served = request.pull ? undefined : await images.serve()
  try {
    const registries = registriesConf(access.registries ?? {}, served)
    const idOf = (file: string): string => readFileSync(file, 'utf8').trim()
    const { commands, env: own } = buildahPlan(request, site, { registries, env, idOf })
    const [build, hand] = commands
    await run('buildah', build, { env: own, quiet: request.quiet })
    await run('buildah', hand(), { env: own, quiet: true })
  } finally {
    served?.close()
  }
}

const byBuildkit = async ({ images, access }: BuildHouse, request: BuildRequest, site: BuildSite): Promise<void> => {
  const env = access.env ?? process.env
  if (request.context === '-' || request.file === '-')
    throw new RtError('RT_USAGE', 'BuildKit takes a build from folders only, not from standard input', {
      remedy: 'Write the Dockerfile into a folder, or use --builder=buildah.',
    })
  const command = buildkitPlan(request, site, { store: images.layout.base, images: images.references(), env })
  await run('buildkit', command, { env, quiet: request.quiet })
}

const run = async (
  builder: BuilderName,
  command: Command,
  options: { env: NodeJS.ProcessEnv; quiet: boolean },
): Promise<void> => {
  const { status, said } = await runTool(command, options)
  if (status === 0) return
  const last = said.trim().split('\n').at(-1)?.trim()
  throw new RtError(
    'RT_BUILD_FAILED',
    `${builder} did not make the image: it ended with status ${status}${last ? `, saying ${JSON.stringify(last)}` : ''}.`,
  )
}

/** With its files found, so that what is not there is said before a builder starts. */
const located = (request: BuildRequest): BuildRequest => {
  const { context, file } = request
  if (request.platform?.includes(','))
    throw new RtError('RT_USAGE', 'an image is built for one platform at a time', { remedy: 'Give --platform once.' })
  if (context === '-' && file === '-')
    throw new RtError('RT_USAGE', 'the context and the Dockerfile cannot both come from standard input')
  const isFolder = context !== '-' && !REMOTE.test(context)
  if (isFolder && statSync(context, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new RtError('RT_USAGE', `the build context ${context} is not a folder`, {
      remedy: 'Give the folder that the Dockerfile copies from, `-` for standard input, or a URL.',
    })
  const folder = isFolder ? resolve(context) : context
  if (file === undefined || file === '-' || !isFolder) {
    if (isFolder && file === undefined && !NAMES.some((name) => existsSync(join(folder, name))))
      throw new RtError('RT_USAGE', `there is no Dockerfile in ${folder}`, { remedy: 'Name it with -f FILE.' })
    return { ...request, context: folder }
  }
  const found = [resolve(file), resolve(folder, file)].find((path) => existsSync(path))
  if (found === undefined)
    throw new RtError('RT_USAGE', `there is no Dockerfile ${file}, here or in ${folder}`, { remedy: 'Check -f.' })
  return { ...request, context: folder, file: found }
}

const REMOTE = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@)/
const NAMES = ['Containerfile', 'Dockerfile']
