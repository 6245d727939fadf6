import { DEFAULT_DOMAIN, type ImageReference, OFFICIAL_PREFIX } from './parse.ts'

const suffix = (ref: ImageReference): string =>
  (ref.tag === undefined ? '' : `:${ref.tag}`) + (ref.digest === undefined ? '' : `@${ref.digest}`)

/** Everything written out, the store's own form: `docker.io/library/busybox:latest`. */
export const canonical = (ref: ImageReference): string => `${ref.domain}/${ref.path}${suffix(ref)}`

/** The repository as people write it, without tag and digest: `busybox`, `team/app`, `host:5000/app`. */
export const familiarName = ({ domain, path }: ImageReference): string => {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`
  const short = path.slice(OFFICIAL_PREFIX.length)
  return path.startsWith(OFFICIAL_PREFIX) && !short.includes('/') ? short : path
}

/** The short form that Docker prints: `busybox:latest`. `parseReference` reads it back to the same reference. */
export const familiar = (ref: ImageReference): string => familiarName(ref) + suffix(ref)
