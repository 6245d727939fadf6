import { existsSync, readFileSync } from 'node:fs'

/** Whether this kernel has overlayfs: in it, or as a module that mount(2) loads by itself. */
export const kernelHasOverlay = (): boolean => {
  if (/\toverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) return true
  const index = `/lib/modules/${kernelRelease()}/modules.dep`
  return existsSync(index) && /\/overlay\.ko/.test(readFileSync(index, 'utf8'))
}

/** Read, because a start asks, and `node:os` is a module that it needs for nothing else. */
const kernelRelease = (): string => readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()

/** `volatile` came with Linux 5.10; an older one refuses the mount for it. */
export const kernelHasVolatile = (release = kernelRelease()): boolean => {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  return major > 5 || (major === 5 && minor >= 10)
}
