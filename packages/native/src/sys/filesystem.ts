import { statfsSync } from 'node:fs'

/** linux/magic.h and the modules' own headers. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x794c7630, 'overlay'],
  [0x6969, 'nfs'],
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0x2fc12fc1, 'zfs'],
  [0x65735546, 'fuse'],
  [0xff534d42, 'cifs'],
  [0x61756673, 'aufs'],
  [0x27e0eb, 'cgroup'],
  [0x63677270, 'cgroup2'],
  [0x73717368, 'squashfs'],
  [0x01021997, '9p'],
  [0x6a656a63, 'virtiofs'],
  [0x4d44, 'vfat'],
  [0xf2f52010, 'f2fs'],
  [0x9fa0, 'proc'],
])

/** The type of the file system that `path` lies on by its usual name (ext2 to ext4 share `ext4`), else its magic in hex. */
export const fileSystemType = (path: string): string => {
  const magic = statfsSync(path).type
  return NAMES.get(magic) ?? `0x${magic.toString(16)}`
}
