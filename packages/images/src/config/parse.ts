import { RtError } from '@rt/driver-api'
import type { ImageConfig } from './image-config.ts'

const DIGEST = /^sha256:[0-9a-f]{64}$/

type Fields = Readonly<Record<string, unknown>>
type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText)
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTextMap: Check = (value) => isObject(value) && Object.values(value).every(isText)

const EXECUTION: Readonly<Record<string, Check>> = {
  User: isText,
  WorkingDir: isText,
  StopSignal: isText,
  Env: isTexts,
  Cmd: isTexts,
  Entrypoint: isTexts,
  ExposedPorts: isObject,
  Volumes: isObject,
  Labels: isTextMap,
  OnBuild: isTexts,
}

/**
 * The config of an image that somebody else made, checked as far as rt uses it: its layers' ids become paths, and its words a command.
 * Docker writes null for what is not there. Errors: RT_IMAGE_INVALID.
 */
export const parseConfig = (bytes: Buffer, image: string): ImageConfig => {
  const fail = (what: string, cause?: unknown): never => {
    throw new RtError('RT_IMAGE_INVALID', `The config of the image ${image} cannot be used: ${what}.`, { cause })
  }
  let config: unknown
  try {
    config = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    return fail('it is not valid JSON', error)
  }
  if (!isObject(config)) return fail('it is no object')
  if (!isText(config.architecture) || !isText(config.os)) fail('it names no platform')
  const { rootfs, config: execution, history } = config
  if (!isObject(rootfs) || !isTexts(rootfs.diff_ids)) return fail('it has no list of layers')
  const layers = rootfs.diff_ids as readonly string[]
  if (layers.length === 0) fail('it has no layers')
  const wrong = layers.find((diffId) => !DIGEST.test(diffId))
  if (wrong !== undefined) fail(`${JSON.stringify(wrong.slice(0, 80))} is no sha256 digest`)
  if (execution !== undefined && execution !== null) {
    if (!isObject(execution)) return fail('"config" is no object')
    for (const [name, check] of Object.entries(EXECUTION)) {
      const value = execution[name]
      if (value !== undefined && value !== null && !check(value)) fail(`"${name}" is of the wrong type`)
    }
  }
  if (history !== undefined && history !== null && !(Array.isArray(history) && history.every(isObject)))
    fail('"history" is no list')
  for (const name of ['created', 'author'])
    if (config[name] !== undefined && config[name] !== null && !isText(config[name])) fail(`"${name}" is no text`)
  return config as unknown as ImageConfig
}
