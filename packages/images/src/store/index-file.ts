import { existsSync } from 'node:fs'
import type { Layout } from './layout.ts'
import { MEDIA } from './manifest.ts'
import { readManifest, readReferences } from './read.ts'
import { type Workspace, writeAtomically } from './write.ts'

/**
 * Makes of the store an OCI image layout, which Skopeo, Podman and others read as `oci:/var/lib/rt/images:NAME`. Made anew whenever names
 * change; a crash before it leaves an old one, which misleads nobody but them, until the next change. To be called under the store's lock.
 */
export const writeIndex = (layout: Layout, workspace: Workspace): void => {
  const manifests = readReferences(layout).flatMap(({ reference, manifest }) => {
    if (manifest === undefined) return []
    const { manifest: document, bytes } = readManifest(layout, manifest)
    const { mediaType = MEDIA.manifest } = document as { mediaType?: string }
    const annotations = { [REF_NAME]: reference, [CONTAINERD_NAME]: reference }
    return [{ mediaType, digest: manifest, size: bytes.length, annotations }]
  })
  if (!existsSync(layout.marker))
    writeAtomically(workspace, layout.marker, JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeAtomically(workspace, layout.index, JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.index, manifests }))
}

export const REF_NAME = 'org.opencontainers.image.ref.name'
/** What nerdctl and Docker read: the name in full. */
export const CONTAINERD_NAME = 'io.containerd.image.name'
