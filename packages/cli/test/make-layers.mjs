/** `node make-layers.mjs DIRECTORY N`: an OCI layout of N layers, with whiteouts and an opaque directory among them. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const [directory, count] = [process.argv[2], Number(process.argv[3])]
const sha = (d) => createHash('sha256').update(d).digest('hex')
const member = (name, content = '', type = '0') => {
  const body = Buffer.from(content),
    h = Buffer.alloc(512)
  h.write(name, 0)
  h.write('0000755\0', 100)
  h.write('0000000\0', 108)
  h.write('0000000\0', 116)
  h.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124)
  h.write('14000000000\0', 136)
  h.write(type, 156)
  h.write('ustar\0' + '00', 257)
  h.fill(' ', 148, 156)
  const sum = h.reduce((a, b) => a + b, 0)
  h.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([h, body, Buffer.alloc((512 - (body.length % 512)) % 512)])
}
mkdirSync(`${directory}/blobs/sha256`, { recursive: true })
const blob = (d) => {
  writeFileSync(`${directory}/blobs/sha256/${sha(d)}`, d)
  return { digest: `sha256:${sha(d)}`, size: d.length }
}
const layers = []
for (let i = 0; i < count; i++) {
  const parts = [member(`f${i}`, `${i}\n`), member('top', `${i}\n`)]
  if (i === 0)
    parts.push(
      member('bin/', '', '5'),
      member('bin/sh', readFileSync('/bin/busybox')),
      member('bin/true', readFileSync('/bin/busybox')),
      member('d/', '', '5'),
      member('d/old', ''),
      member('o/', '', '5'),
      member('o/old', ''),
    )
  if (i % 10 === 5) parts.push(member(`.wh.f${i - 1}`))
  if (i === count - 1 && i > 0)
    parts.push(
      member('o/', '', '5'),
      member('o/.wh..wh..opq'),
      member('o/new'),
      member('d/', '', '5'),
      member('d/.wh.old'),
    )
  layers.push(Buffer.concat([...parts, Buffer.alloc(1024)]))
}
const descriptors = layers.map((l) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...blob(l) }))
const config = blob(
  Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Cmd: ['/bin/true'] },
      rootfs: { type: 'layers', diff_ids: descriptors.map((d) => d.digest) },
    }),
  ),
)
const manifest = blob(
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: descriptors,
    }),
  ),
)
writeFileSync(`${directory}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}')
writeFileSync(
  `${directory}/index.json`,
  JSON.stringify({
    schemaVersion: 2,
    manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest }],
  }),
)
