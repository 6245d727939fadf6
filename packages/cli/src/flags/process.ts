import { boolean, string } from '@oclif/core/flags'
import { RtError } from '@rt/driver-api'
import { parseLabelFile, parseLabels, parseSignal, type RunRequest } from '@rt/runtime'
import type { FlagDefinitions, ParsedFlags } from '../command.ts'
import { many } from './many.ts'
import { readText } from './read-text.ts'
import { seconds } from './seconds.ts'

/** How the container's processes are started, limited and stopped, in Docker's words. */
export const processFlags: FlagDefinitions = {
  init: boolean({ summary: 'a first process that reaps and forwards signals' }),
  ulimit: string({ summary: 'a limit of each process', helpValue: 'TYPE=SOFT[:HARD]', ...many }),
  'oom-score-adj': string({ summary: 'who is killed first when memory runs out', helpValue: '-1000..1000' }),
  sysctl: string({ summary: "a setting of the container's namespaces", helpValue: 'KEY=VALUE', ...many }),
  'shm-size': string({ summary: 'the size of /dev/shm: 64m', helpValue: 'SIZE' }),
  'stop-signal': string({ summary: 'the signal that asks it to stop', helpValue: 'SIGNAL' }),
  'stop-timeout': string({ summary: 'how long it may take to stop', helpValue: 'SECONDS' }),
  label: string({ char: 'l', summary: 'metadata of your own', helpValue: 'KEY[=VALUE]', ...many }),
  'label-file': string({ summary: 'read labels from a file', helpValue: 'FILE', ...many }),
  annotation: string({ summary: 'a word to the isolation driver', helpValue: 'KEY=VALUE', ...many }),
  'no-healthcheck': boolean({ summary: 'nothing changes: there are no health checks' }),
}

/** @throws RtError RT_USAGE */
export const processRequest = (
  flags: ParsedFlags,
): Pick<RunRequest, 'init' | 'stopSignal' | 'stopTimeout' | 'labels'> => {
  const stopSignal = flags.text('stop-signal')
  const stopTimeout = flags.text('stop-timeout')
  if (stopSignal !== undefined) parseSignal(stopSignal, 125)
  const files = flags.texts('label-file').flatMap((path) => parseLabelFile(readText(path, '--label-file'), path))
  const labels = parseLabels(files, flags.texts('label'))
  return {
    ...(flags.on('init') && { init: true }),
    ...(stopSignal !== undefined && { stopSignal }),
    ...(stopTimeout !== undefined && { stopTimeout: seconds(stopTimeout, '--stop-timeout') }),
    ...(Object.keys(labels).length > 0 && { labels }),
  }
}

/** As given but for annotations: the spec checks them. */
export const processSpec = (
  flags: ParsedFlags,
): Pick<RunRequest['spec'], 'ulimits' | 'oomScoreAdj' | 'sysctls' | 'shmSize' | 'annotations'> => {
  const oomScoreAdj = flags.text('oom-score-adj')
  const shmSize = flags.text('shm-size')
  return {
    ulimits: flags.texts('ulimit'),
    ...(oomScoreAdj !== undefined && { oomScoreAdj }),
    sysctls: flags.texts('sysctl'),
    ...(shmSize !== undefined && { shmSize }),
    ...annotations(flags.texts('annotation')),
  }
}

const annotations = (given: readonly string[]): Pick<RunRequest['spec'], 'annotations'> => {
  const wrong = given.find((text) => text.indexOf('=') < 1)
  if (wrong !== undefined)
    throw new RtError('RT_USAGE', `--annotation "${wrong}" is not KEY=VALUE`, {
      remedy: 'Write --annotation key=value.',
    })
  return given.length > 0 ? { annotations: parseLabels([], given) } : {}
}
