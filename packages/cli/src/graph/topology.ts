import type { DrawnContainer, DrawnNetwork } from '@rt/runtime'

/** How packets leave a network, in words, for all three pictures. */
export const WAYS: Readonly<Record<DrawnNetwork['way'], string>> = {
  nat: 'NAT: out under the host’s address',
  routed: 'routed: out under their own addresses',
  host: 'the host’s own interfaces',
  none: 'no way out',
}

/** `0.0.0.0:8080 → 80/tcp` */
export const arrow = (port: string): string => port.replace('->', ' → ')

/** The label of a container's cable; undefined: it has none. */
export const cable = ({ hostEnd, unplugged }: DrawnContainer): string | undefined =>
  unplugged ? `${hostEnd} (pulled out)` : hostEnd
