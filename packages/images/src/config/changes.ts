import { RtError } from '@rt/driver-api'
import { parseHealthcheck } from './healthcheck.ts'
import type { ExecutionConfig } from './image-config.ts'

type Mutable = { -readonly [Key in keyof ExecutionConfig]: ExecutionConfig[Key] }

/**
 * Applies Dockerfile instructions (`CMD ["sh"]`, `ENV A=1 B="two words"`, `EXPOSE 80`, …), those that `docker import --change` takes.
 * Errors: RT_USAGE.
 */
export const applyChanges = (config: ExecutionConfig, changes: readonly string[]): ExecutionConfig => {
  const result: Mutable = { ...config }
  for (const change of changes) {
    const match = /^\s*([A-Za-z]+)\s+(.*\S)\s*$/s.exec(change)
    const apply = match === null ? undefined : INSTRUCTIONS[(match[1] ?? '').toUpperCase()]
    if (match === null || apply === undefined) {
      throw new RtError(
        'RT_USAGE',
        `The change ${JSON.stringify(change)} is no instruction that can be applied to an image.`,
        {
          remedy: `Use one of ${Object.keys(INSTRUCTIONS).join(', ')}, e.g. 'CMD ["sh"]'.`,
        },
      )
    }
    apply(result, match[2] ?? '', change)
  }
  return result
}

const INSTRUCTIONS: Readonly<Record<string, (config: Mutable, text: string, change: string) => void>> = {
  CMD: (config, text, change) => {
    config.Cmd = command(text, change)
  },
  ENTRYPOINT: (config, text, change) => {
    config.Entrypoint = command(text, change)
  },
  ENV: (config, text, change) => {
    const env = new Map((config.Env ?? []).map((pair) => [pair.slice(0, pair.indexOf('=')), pair]))
    for (const [key, value] of pairs(text, change)) env.set(key, `${key}=${value}`)
    config.Env = [...env.values()]
  },
  EXPOSE: (config, text, change) => {
    const ports = text.split(/\s+/).map((port) => {
      if (!/^[0-9]{1,5}(?:-[0-9]{1,5})?(?:\/(?:tcp|udp|sctp))?$/.test(port))
        throw unusable(change, `${port} is no port`)
      return port.includes('/') ? port : `${port}/tcp`
    })
    config.ExposedPorts = { ...config.ExposedPorts, ...keys(ports) }
  },
  HEALTHCHECK: (config, text, change) => {
    const refuse = (reason: string, cause?: unknown): RtError => unusable(change, reason, cause)
    config.Healthcheck = parseHealthcheck(text, (list) => jsonList(list, change), refuse)
  },
  LABEL: (config, text, change) => {
    config.Labels = { ...config.Labels, ...Object.fromEntries(pairs(text, change)) }
  },
  ONBUILD: (config, text, change) => {
    const [trigger = ''] = text.toUpperCase().split(/\s/, 1)
    if (['ONBUILD', 'FROM', 'MAINTAINER'].includes(trigger)) throw unusable(change, `${trigger} is no trigger`)
    config.OnBuild = [...(config.OnBuild ?? []), text]
  },
  STOPSIGNAL: (config, text) => {
    config.StopSignal = text
  },
  USER: (config, text) => {
    config.User = text
  },
  VOLUME: (config, text, change) => {
    const paths = text.startsWith('[') ? jsonList(text, change) : text.split(/\s+/)
    config.Volumes = { ...config.Volumes, ...keys(paths) }
  },
  WORKDIR: (config, text) => {
    config.WorkingDir = text.startsWith('/') ? text : `${(config.WorkingDir ?? '/').replace(/\/$/, '')}/${text}`
  },
}

const keys = (names: readonly string[]): Record<string, Record<string, never>> =>
  Object.fromEntries(names.map((name) => [name, {}]))

/** The exec form is JSON; everything else is the shell form. */
const command = (text: string, change: string): string[] =>
  text.startsWith('[') ? jsonList(text, change) : ['/bin/sh', '-c', text]

const jsonList = (text: string, change: string): string[] => {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch (error) {
    throw unusable(change, 'its list is not valid JSON', error)
  }
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
    throw unusable(change, 'its list has more than strings')
  return list
}

/** `A=1 B="two words"`, or the older `A the rest`. */
const pairs = (text: string, change: string): [key: string, value: string][] => {
  const old = /^([^\s="']+)\s+(.*)$/s.exec(text)
  if (old !== null) return [[old[1] ?? '', old[2] ?? '']]
  const found: [string, string][] = []
  const pattern = /\s*([^\s="']+|"[^"]+")=((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*)(?=\s|$)/gsy
  let end = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    found.push([unquote(match[1] ?? ''), unquote(match[2] ?? '')])
    end = pattern.lastIndex
  }
  if (found.length === 0 || end !== text.length) throw unusable(change, 'it is not of the form NAME=VALUE')
  return found
}

const unquote = (text: string): string =>
  text.replace(
    /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs,
    (_, double: string | undefined, single: string | undefined, escaped: string) =>
      double === undefined ? (single ?? escaped) : double.replace(/\\(["\\$])/g, '$1'),
  )

const unusable = (change: string, reason: string, cause?: unknown): RtError =>
  new RtError('RT_USAGE', `The change ${JSON.stringify(change)} cannot be applied: ${reason}.`, {
    remedy: "Write it as in a Dockerfile, e.g. 'ENV A=1'.",
    cause,
  })
