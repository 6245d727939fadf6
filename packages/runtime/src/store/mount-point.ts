/** A mount that the user or the image asked for, with nothing left open: kept in the container's record, so that every start makes the same one. */
export interface MountPoint {
  readonly type: 'bind' | 'volume' | 'tmpfs'
  /** Normal, absolute, in the container. */
  readonly destination: string
  /** Of the host, absolute; of a tmpfs: empty. */
  readonly source: string
  /** Of a volume. */
  readonly name?: string
  /** A volume that nobody has named: it goes with its last container (`rm -v`, `--rm`). */
  readonly anonymous?: true
  readonly readonly: boolean
  /** Of a bind mount; undefined: `rprivate`. */
  readonly propagation?: string
  /** `bind-recursive`; undefined: `enabled`. */
  readonly recursive?: 'disabled' | 'writable' | 'readonly'
  /** The part of the volume that is mounted. */
  readonly subpath?: string
  /** What the image has at the destination is copied into an empty volume. */
  readonly fill?: true
  /** A missing source is made as a directory, as `-v` does it. */
  readonly make?: true
  /** Words of a tmpfs, as fstab(5) has them. */
  readonly options?: readonly string[]
  /** Labels that the volume gets where it is made for this mount. */
  readonly labels?: Readonly<Record<string, string>>
  /** Where it comes from. */
  readonly by: 'volume' | 'mount' | 'tmpfs' | 'image' | 'volumes-from'
  /** As given, for `inspect`. */
  readonly mode: string
}

/** A mount before its volume has a name and its source is known. */
export type WantedMount = Omit<MountPoint, 'source'> & { readonly source?: string }
