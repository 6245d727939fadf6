import { basename, dirname, join } from 'node:path'
import { familiar, parseReference } from '@rt/images'
import type { Command } from '@rt/native'
import type { BuildRequest, BuildSite } from './request.ts'

/**
 * What BuildKit's client is asked. The daemon has its own cache; it reads this store as the OCI image layout that it is, each of its names
 * as a named context (github.com/moby/buildkit, docs/reference/buildctl.md).
 */
export const buildkitPlan = (
  request: BuildRequest,
  { output }: Pick<BuildSite, 'output'>,
  {
    store,
    images,
    env,
  }: { store: string; images: readonly { reference: string; manifest?: string }[]; env: NodeJS.ProcessEnv },
): Command => {
  const file = request.file ?? join(request.context, 'Dockerfile')
  const bases = request.pull ? [] : images
  return [
    'buildctl',
    'build',
    '--frontend=dockerfile.v0',
    `--local=context=${request.context}`,
    `--local=dockerfile=${dirname(file)}`,
    `--opt=filename=${basename(file)}`,
    ...request.args.flatMap((text) => {
      const value = text.includes('=') ? text : given(text, env)
      return value === undefined ? [] : [`--opt=build-arg:${value}`]
    }),
    ...request.labels.map((label) => `--opt=label:${label.includes('=') ? label : `${label}=`}`),
    ...(request.addHosts?.length ? [`--opt=add-hosts=${request.addHosts.map(asPair).join(',')}`] : []),
    // A network of the host is a right that has to be asked for, too.
    ...(request.network === 'host' ? ['--allow=network.host', '--opt=force-network-mode=host'] : []),
    ...request.secrets.map((secret) => `--secret=${secret}`),
    ...(request.target === undefined ? [] : [`--opt=target=${request.target}`]),
    ...(request.platform === undefined ? [] : [`--opt=platform=${request.platform}`]),
    ...(request.pull ? ['--opt=image-resolve-mode=pull'] : []),
    ...(request.noCache ? ['--no-cache'] : []),
    ...(bases.length === 0 ? [] : [`--oci-layout=rt=${store}`]),
    ...bases.flatMap(({ reference, manifest }) =>
      manifest === undefined ? [] : [`--opt=context:${contextName(reference)}=oci-layout://rt@${manifest}`],
    ),
    '--progress=plain',
    `--output=type=oci,tar=false,dest=${output}`,
  ]
}

/** `NAME:ADDRESS` in BuildKit's form. */
const asPair = (host: string): string => host.replace(/[:=]/, '=')

/** How BuildKit spells the name that a FROM has. */
const contextName = (reference: string): string => familiar(parseReference(reference)).replace(/:latest$/, '')

const given = (name: string, env: NodeJS.ProcessEnv): string | undefined =>
  env[name] === undefined ? undefined : `${name}=${env[name]}`
