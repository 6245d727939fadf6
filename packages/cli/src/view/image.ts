import { familiar, familiarName, type Image, type ImageSummary, parseReference } from '@rt/images'

/** `inspect`'s form of an image. `all`: the whole store's list, for its size and its names. */
export const imageView = ({ id, config, layers }: Image, all: readonly ImageSummary[]): Record<string, unknown> => {
  const named = all.filter((summary) => summary.id === id)
  const { config: execution = {} } = config
  return {
    Id: id,
    RepoTags: named.flatMap(({ reference }) => (reference === undefined ? [] : familiar(parseReference(reference)))),
    RepoDigests: [...new Set(named.flatMap(({ reference, digest }) => repoDigest(reference, digest)))],
    Parent: '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: config.created ?? '',
    Author: config.author ?? '',
    Config: {
      User: '',
      Env: null,
      Cmd: null,
      Entrypoint: null,
      WorkingDir: '',
      Volumes: null,
      Labels: null,
      ...execution,
    },
    Architecture: config.architecture,
    Os: config.os,
    Size: named[0]?.size ?? 0,
    // Overlay's layers are the store's own directories, topmost first.
    GraphDriver: { Name: 'overlay', Data: { LowerDir: layers.join(':') } },
    RootFS: { Type: config.rootfs.type, Layers: config.rootfs.diff_ids },
    Metadata: {},
  }
}

const repoDigest = (reference: string | undefined, digest: string | undefined): string[] =>
  reference === undefined || digest === undefined ? [] : [`${familiarName(parseReference(reference))}@${digest}`]
