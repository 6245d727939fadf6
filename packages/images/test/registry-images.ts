import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { archive, member } from './archive.ts'

export const digestOf = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

export interface TestLayer {
  readonly tar: Buffer
  readonly blob: Buffer
  readonly packing: '' | '+gzip' | '+zstd'
}

/** A layer with one file; content that does not compress. */
export const layerOf = (name: string, content: string | Buffer, packing: TestLayer['packing'] = '+gzip'): TestLayer => {
  const tar = archive(member({ name, content }))
  const pack = {
    '': (data: Buffer) => data,
    '+gzip': (data: Buffer) => gzipSync(data),
    '+zstd': (data: Buffer) => zstdCompressSync(data),
  }
  return { tar, blob: pack[packing](tar), packing }
}

export interface Made {
  readonly config: Buffer
  readonly manifest: Buffer
  readonly mediaType: string
}

/** The documents of an image, in either form. */
export const imageOf = (
  layers: readonly TestLayer[],
  {
    docker = false,
    architecture = 'amd64',
    config = {},
  }: { docker?: boolean; architecture?: string; config?: object } = {},
): Made => {
  const document = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Cmd: ['/bin/x'], Env: null, ...config },
      rootfs: { type: 'layers', diff_ids: layers.map(({ tar }) => digestOf(tar)) },
    }),
  )
  const mediaType = docker
    ? 'application/vnd.docker.distribution.manifest.v2+json'
    : 'application/vnd.oci.image.manifest.v1+json'
  const layerType = ({ packing }: TestLayer): string =>
    docker ? 'application/vnd.docker.image.rootfs.diff.tar.gzip' : `application/vnd.oci.image.layer.v1.tar${packing}`
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: {
        mediaType: docker
          ? 'application/vnd.docker.container.image.v1+json'
          : 'application/vnd.oci.image.config.v1+json',
        digest: digestOf(document),
        size: document.length,
      },
      layers: layers.map((layer) => ({
        mediaType: layerType(layer),
        digest: digestOf(layer.blob),
        size: layer.blob.length,
      })),
    }),
  )
  return { config: document, manifest, mediaType }
}

/** Puts an image where only the test's own code has been: what rt pushes must not be what tests rt's pulling. */
export const upload = async (
  host: string,
  repository: string,
  tag: string,
  layers: readonly TestLayer[],
  made: Made,
): Promise<string> => {
  for (const data of [...layers.map(({ blob }) => blob), made.config]) await uploadBlob(host, repository, data)
  await send(host, 'PUT', `/v2/${repository}/manifests/${tag}`, made.manifest, { 'content-type': made.mediaType })
  return digestOf(made.manifest)
}

export const uploadBlob = async (host: string, repository: string, data: Buffer): Promise<void> => {
  const { location = '' } = await send(host, 'POST', `/v2/${repository}/blobs/uploads/`)
  const url = new URL(location, `http://${host}`)
  url.searchParams.set('digest', digestOf(data))
  await send(host, 'PUT', url.pathname + url.search, data, { 'content-type': 'application/octet-stream' })
}

/** Several images under one name. */
export const uploadIndex = async (
  host: string,
  repository: string,
  tag: string,
  made: readonly (Made & { platform: object })[],
): Promise<string> => {
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      manifests: made.map((one) => ({
        mediaType: one.mediaType,
        digest: digestOf(one.manifest),
        size: one.manifest.length,
        platform: one.platform,
      })),
    }),
  )
  await send(host, 'PUT', `/v2/${repository}/manifests/${tag}`, index, { 'content-type': mediaType })
  return digestOf(index)
}

const send = (host: string, method: string, path: string, body: Buffer = Buffer.alloc(0), headers: object = {}) =>
  new Promise<{ location?: string | undefined }>((resolve, reject) => {
    const [hostname, port] = host.split(':')
    const sent = request(
      { hostname, port, method, path, headers: { ...headers, 'content-length': body.length } },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (piece) => {
          text += piece
        })
        answer.on('end', () =>
          (answer.statusCode ?? 500) < 300
            ? resolve({ location: answer.headers.location })
            : reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`)),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
