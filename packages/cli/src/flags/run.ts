import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { isTerminal } from '@rt/native'
import { parseEnvFile, plainName, type RunRequest } from '@rt/runtime'
import type { FlagDefinitions, ParsedFlags } from '../command.ts'
import { driverFlags } from './driver.ts'
import { deviceFlags, deviceSpec, givenLimits, limitFlags } from './limit.ts'
import { many } from './many.ts'
import { namespaceFlags, namespaceSpec } from './namespace.ts'
import { networkFlags, networkRequest } from './network.ts'
import { processFlags, processRequest, processSpec } from './process.ts'
import { connectionFlags, programFlags } from './program.ts'
import { readText } from './read-text.ts'
import { rightsFlags, rightsSpec } from './rights.ts'
import { storageRequest } from './storage-opt.ts'
import { attached, streamFlags, streamRequest } from './stream.ts'

/** What `run` and `explain` share: how a container is asked for, in Docker's words. */
export const containerFlags: FlagDefinitions = {
  ...driverFlags,
  ...networkFlags,
  name: string({ summary: 'a name for the container', helpValue: 'NAME' }),
  pull: string({
    summary: 'ask the registry for the image: always, missing (the default) or never',
    helpValue: 'WHEN',
    options: ['always', 'missing', 'never'],
  }),
  platform: string({ summary: "the image's platform, where it has several", helpValue: 'OS/ARCH' }),
  rm: boolean({ summary: 'remove the container when it ends' }),
  detach: boolean({ char: 'd', summary: 'run in the background and print the id' }),
  ...connectionFlags,
  ...streamFlags,
  ...programFlags,
  hostname: string({ char: 'h', summary: 'its host name', helpValue: 'NAME' }),
  volume: string({
    char: 'v',
    summary: 'mount a volume, or a path of the host',
    helpValue: '[HOST|VOLUME:]CONTAINER[:OPTIONS]',
    ...many,
  }),
  mount: string({
    summary: 'the same, or a tmpfs: type=bind|volume|tmpfs,source=...,target=...',
    helpValue: 'KEY=VALUE,...',
    ...many,
  }),
  'volumes-from': string({ summary: 'mount what another container has', helpValue: 'CONTAINER[:ro]', ...many }),
  'storage-opt': string({
    summary: 'how much it may write, where the file system has quotas',
    helpValue: 'size=SIZE',
    ...many,
  }),
  'read-only': boolean({ summary: 'mount the root read-only' }),
  tmpfs: string({ summary: 'mount a tmpfs', helpValue: 'DIR[:OPTIONS]', ...many }),
  entrypoint: string({ summary: "in place of the image's", helpValue: 'PROGRAM' }),
  'add-host': string({ summary: 'a line for /etc/hosts', helpValue: 'NAME:ADDRESS', ...many }),
  'own-hosts': boolean({ summary: 'an /etc/hosts that nobody else has, and that it may write to' }),
  dns: string({ summary: 'a name server', helpValue: 'ADDRESS', ...many }),
  'dns-search': string({ summary: 'a domain in which names are looked up; . for none', helpValue: 'DOMAIN', ...many }),
  'dns-option': string({ aliases: ['dns-opt'], summary: 'an option of the resolver', helpValue: 'OPTION', ...many }),
  ...rightsFlags,
  ...namespaceFlags,
  lxcfs: string({
    summary: "show the container's limits in /proc where lxcfs runs: auto, on or off",
    helpValue: 'MODE',
    options: ['auto', 'on', 'off'],
  }),
  ...limitFlags,
  ...deviceFlags,
  ...processFlags,
}

/** Of those that make one. */
export const makingFlags: FlagDefinitions = {
  quiet: boolean({ char: 'q', summary: 'do not show how an image is fetched' }),
  cidfile: string({ summary: 'write its id to this file, which must not be there yet', helpValue: 'FILE' }),
}

/** Docker's `-it` by default for a person at a terminal; a pipe is connected; a terminal that only shows output is left alone. */
const streams = (flags: ParsedFlags): { tty: boolean; stdin: RunRequest['stdin'] } => {
  const detach = flags.on('detach')
  const interactive = flags.given('interactive')
  const tty = flags.given('tty')
  const person = !detach && isTerminal(0) && isTerminal(1)
  if (interactive === undefined && tty === undefined && person && flags.texts('attach').length === 0)
    return { tty: true, stdin: 'inherit' }
  // A terminal alone, without -i, takes nothing in, as in Docker: scripts have it for programs that write in colour.
  const connected = interactive ?? (!tty && !detach && !isTerminal(0) && attached(flags).stdin)
  if (tty && connected && !detach && !isTerminal(0))
    throw new RtError('RT_USAGE', '-t was asked for, but standard input is not a terminal', {
      remedy: 'Leave out -t, or run it in a terminal.',
    })
  return { tty: tty ?? false, stdin: connected ? 'inherit' : 'null' }
}

/** @throws RtError RT_USAGE */
export const runRequest = (flags: ParsedFlags, words: readonly string[]): RunRequest => {
  const [image = '', ...command] = words
  const { tty, stdin } = streams(flags)
  const text = <K extends string>(key: K, name: string): { [P in K]?: string } => {
    const value = flags.text(name)
    return (value === undefined ? {} : { [key]: value }) as { [P in K]?: string }
  }
  // Each one of its words by the flag's own definition.
  const lxcfs = flags.text('lxcfs') as RunRequest['lxcfs']
  const pull = flags.text('pull') as RunRequest['pull']
  const limits = givenLimits(flags)
  const name = flags.text('name')
  return {
    image,
    ...(pull !== undefined && { pull }),
    ...text('platform', 'platform'),
    ...(name !== undefined && { name: plainName(name) }),
    ...text('hostname', 'hostname'),
    ...networkRequest(flags),
    dns: flags.texts('dns'),
    ...(flags.texts('dns-search').length > 0 && { dnsSearch: flags.texts('dns-search') }),
    ...(flags.texts('dns-option').length > 0 && { dnsOptions: flags.texts('dns-option') }),
    addHosts: flags.texts('add-host'),
    ...(flags.on('own-hosts') && { ownHosts: true }),
    ...(lxcfs !== undefined && { lxcfs }),
    autoRemove: flags.on('rm'),
    detach: flags.on('detach'),
    stdin,
    ...streamRequest(flags),
    ...processRequest(flags),
    ...storageRequest(flags.texts('storage-opt')),
    spec: {
      command,
      tty,
      ...text('entrypoint', 'entrypoint'),
      ...text('user', 'user'),
      ...text('workdir', 'workdir'),
      env: flags.texts('env'),
      envFiles: flags
        .texts('env-file')
        .flatMap((path) => parseEnvFile(readText(path, '--env-file'), path, process.env)),
      ...rightsSpec(flags),
      ...namespaceSpec(flags),
      volumes: flags.texts('volume'),
      ...(flags.texts('mount').length > 0 && { mounts: flags.texts('mount') }),
      ...(flags.texts('volumes-from').length > 0 && { volumesFrom: flags.texts('volumes-from') }),
      tmpfs: flags.texts('tmpfs'),
      readOnly: flags.on('read-only'),
      ...(limits && { limits }),
      ...deviceSpec(flags),
      ...processSpec(flags),
    },
  }
}
