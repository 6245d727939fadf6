import { constants } from 'node:os'
import type { ImageConfig } from '@rt/images'
import type { ContainerRecord } from '@rt/runtime'
import { volumesView } from './mounts.ts'

/** Docker's `Config`. `image`: undefined where the image has been removed since. */
export const configView = (record: ContainerRecord, image: ImageConfig['config']): Record<string, unknown> => {
  const { spec, request, image: from } = record
  const { process } = spec
  const attached = !request.detach
  const stopSignal = request.stopSignal ?? image?.StopSignal
  return {
    Hostname: spec.hostname,
    Domainname: request.spec.domainname ?? '',
    User: process.user.username,
    AttachStdin: attached && request.stdin === 'inherit',
    AttachStdout: attached,
    AttachStderr: attached,
    ...(image?.ExposedPorts && { ExposedPorts: image.ExposedPorts }),
    Tty: process.terminal,
    OpenStdin: request.stdin === 'inherit',
    StdinOnce: attached && request.stdin === 'inherit',
    Env: process.env,
    Cmd: commandOf(request.spec, image),
    Image: from.name,
    Volumes: volumesView(record, image?.Volumes),
    WorkingDir: process.cwd === '/' ? '' : process.cwd,
    Entrypoint: entrypointOf(request.spec, image),
    OnBuild: null,
    Labels: { ...image?.Labels, ...request.labels },
    ...(stopSignal !== undefined && { StopSignal: signalName(stopSignal) }),
    ...(request.stopTimeout !== undefined && { StopTimeout: request.stopTimeout }),
  }
}

/** As the image wrote it, or by its name where it is a number. */
const signalName = (text: string): string =>
  Object.entries(constants.signals).find(([, number]) => String(number) === text)?.[0] ?? text

type SpecFlags = ContainerRecord['request']['spec']

const entrypointOf = ({ entrypoint }: SpecFlags, image: ImageConfig['config']): readonly string[] | null =>
  entrypoint === undefined ? (image?.Entrypoint ?? null) : entrypoint === '' ? null : [entrypoint]

const commandOf = ({ command = [], entrypoint }: SpecFlags, image: ImageConfig['config']): readonly string[] | null => {
  if (command.length > 0) return command
  return entrypoint === undefined ? (image?.Cmd ?? null) : null
}
