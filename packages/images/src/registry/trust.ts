import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { RtError } from '@rt/driver-api'
import { errorCode } from '@rt/native'

/** Where Docker and Podman look for the authorities of single registries. */
const CERTIFICATES = ['/etc/docker/certs.d', '/etc/containers/certs.d']

/**
 * The certificates that vouch for a registry: the machine's (Node's where it has none), those of `certs.d`, NODE_EXTRA_CA_CERTS and the file
 * of the config. Errors: RT_CONFIG_INVALID where the config's file cannot be read.
 */
export const authorities = (host: string, file: string | undefined, env: NodeJS.ProcessEnv): string[] => {
  const own = [...certsD(host), ...extra(env), ...(file === undefined ? [] : [configured(host, file)])]
  const system = machine()
  return [...(system.length === 0 ? tls.rootCertificates : system), ...own]
}

/** Node 22.15 and later can tell them. */
const machine = (): readonly string[] => {
  const { getCACertificates } = tls as { getCACertificates?: (type: string) => string[] }
  return getCACertificates?.('system') ?? []
}

const certsD = (host: string): string[] =>
  CERTIFICATES.flatMap((directory) => {
    const path = join(directory, host)
    return entries(path)
      .filter((name) => name.endsWith('.crt'))
      .map((name) => readFileSync(join(path, name), 'utf8'))
  })

const entries = (directory: string): string[] => {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return []
    throw error
  }
}

/** What Node itself would read, had the launcher not renamed it, because it costs every start. */
const extra = ({ RT_NODE_EXTRA_CA_CERTS, NODE_EXTRA_CA_CERTS }: NodeJS.ProcessEnv): string[] => {
  const file = RT_NODE_EXTRA_CA_CERTS || NODE_EXTRA_CA_CERTS
  if (!file) return []
  try {
    return [readFileSync(file, 'utf8')]
  } catch (error) {
    // As Node: a missing file is nobody's error.
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'EACCES') return []
    throw error
  }
}

const configured = (host: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new RtError('RT_CONFIG_INVALID', `The certificate ${file} of the registry ${host} cannot be read.`, {
      cause: error,
      remedy: `Correct registries: { '${host}': { ca: FILE } } in the config.`,
    })
  }
}
