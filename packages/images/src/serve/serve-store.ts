import { randomBytes } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseReference } from '../reference/parse.ts'
import { hexOf, type Layout } from '../store/layout.ts'
import { MEDIA } from '../store/manifest.ts'
import { type ReferenceRecord, readJson, readManifest, readReferences } from '../store/read.ts'

export interface ServedStore {
  /** `127.0.0.1:PORT/SECRET`: `docker.io/library/busybox` is below it, and nothing without the secret, as the port is open to all of the machine. */
  readonly address: string
  /** Hosts of which the store has images: `docker.io`. */
  readonly domains: readonly string[]
  close(): void
}

/** See ImageStore.serve. The part of the distribution API that a pull needs; what is not here is 404, so that the asker goes on to the registry itself. */
export const serveStore = async (layout: Layout): Promise<ServedStore> => {
  const secret = randomBytes(16).toString('hex')
  const server = createServer((request, response) => {
    try {
      answer(layout, secret, request, response)
    } catch (error) {
      response.destroy(error as Error)
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  const domains = new Set(readReferences(layout).map(({ reference }) => parseReference(reference).domain))
  return { address: `127.0.0.1:${port}/${secret}`, domains: [...domains], close }
}

const DIGEST = /^sha256:[0-9a-f]{64}$/

const answer = (layout: Layout, secret: string, request: IncomingMessage, response: ServerResponse): void => {
  const { method = '', url = '' } = request
  if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405).end()
  if (url === '/v2/') return void response.end('{}')
  const [, key, name = '', kind, wanted = ''] =
    /^\/v2\/([0-9a-f]{32})\/(.+)\/(manifests|blobs)\/([^/?]+)$/.exec(url) ?? []
  if (key !== secret) return void response.writeHead(404).end()
  const digest = kind === 'manifests' && !DIGEST.test(wanted) ? manifestOf(layout, `${name}:${wanted}`) : wanted
  if (digest === undefined || !DIGEST.test(digest)) return void response.writeHead(404).end()
  const stats = statSync(layout.blob(hexOf(digest)), { throwIfNoEntry: false })
  if (stats === undefined) return void response.writeHead(404).end()
  const type = kind === 'manifests' ? typeOf(layout, digest) : 'application/octet-stream'
  response.writeHead(200, { 'content-type': type, 'content-length': stats.size, 'docker-content-digest': digest })
  if (method === 'HEAD') return void response.end()
  createReadStream(layout.blob(hexOf(digest)), { highWaterMark: 1 << 18 })
    .on('error', (error) => response.destroy(error))
    .pipe(response)
}

const manifestOf = (layout: Layout, reference: string): string | undefined =>
  readJson<ReferenceRecord>(layout.reference(reference))?.manifest

const typeOf = (layout: Layout, digest: string): string => {
  const { mediaType = MEDIA.manifest } = readManifest(layout, digest).manifest as { mediaType?: string }
  return mediaType
}
