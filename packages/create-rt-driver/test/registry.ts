import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Registry extends AsyncDisposable {
  readonly url: string
}

interface Published {
  readonly json: { readonly name: string; readonly version: string }
  /** Of ours: the tarball that `npm pack` made. Of others: the folder that npm has unpacked here. */
  readonly file?: string
  readonly folder?: string
}

/**
 * A registry on loopback that has `tarballs`, and of other packages those that are installed in `modules`: so that nothing is asked of the
 * network.
 */
export const startRegistry = async (tarballs: readonly Published[], modules: string): Promise<Registry> => {
  const published = [...tarballs, ...installed(modules)]
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/')
    const [, name = ''] = /^\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? []
    const versions = published.filter(({ json }) => json.name === name)
    const found = published[Number(/^\/-\/(\d+)\.tgz$/.exec(path)?.[1])]
    if (found !== undefined) {
      tarball(found).then(
        (data) => response.end(data),
        (error: unknown) => response.writeHead(500).end(String(error)),
      )
      return
    }
    const [first] = versions
    if (first === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}')
      return
    }
    const entries = versions.map(({ json }, at) => {
      const number = published.indexOf(versions[at] as Published)
      return [json.version, { ...json, dist: { tarball: `${base()}-/${number}.tgz` } }]
    })
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ name, 'dist-tags': { latest: first.json.version }, versions: Object.fromEntries(entries) }),
    )
  })
  const base = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: base(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const tarball = async ({ file, folder = '' }: Published): Promise<Buffer> => {
  if (file !== undefined) return readFileSync(file)
  const args = ['-czf', '-', '--exclude=./node_modules', '--transform=s,^\\.,package,', '-C', folder, '.']
  return (await promisify(execFile)('tar', args, { encoding: 'buffer', maxBuffer: 1 << 29 })).stdout
}

const installed = (modules: string): Published[] =>
  readdirSync(modules)
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => `${name}/${each}`) : [name],
    )
    .flatMap((name) => {
      const folder = join(modules, name)
      // Those of the workspace are links.
      if (!existsSync(join(folder, 'package.json')) || realpathSync(folder) !== folder) return []
      const json = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Published['json']
      const below = join(folder, 'node_modules')
      return [{ json, folder }, ...(existsSync(below) ? installed(below) : [])]
    })
