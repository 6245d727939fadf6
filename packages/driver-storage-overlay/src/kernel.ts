import { existsSync, readFileSync } from 'node:fs'

/** Whether this kernel has overlayfs: in it, or as a module that mount(2) loads by itself. */
export const kernelHasOverlay = (): boolean => {
  if (/\toverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) return true
  const index = `/lib/modules/${process.getBuiltinModule('node:os').release()}/modules.dep`
  return existsSync(index) && /\/overlay\.ko/.test(readFileSync(index, 'utf8'))
}
