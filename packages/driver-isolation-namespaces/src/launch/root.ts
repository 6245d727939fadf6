import type { LaunchRequest, SandboxStep } from '@rt/driver-api'

/** Cuts the mount tree off from the host's and mounts the root, still at its place on the host. */
export function rootSteps({ rootMounts, rootMountPoint }: LaunchRequest, nodev: boolean): SandboxStep[] {
  const steps: SandboxStep[] = [
    {
      where: 'sandbox',
      op: 'mount',
      source: 'none',
      target: '/',
      inside: false,
      flags: ['rec', 'private'],
      why: 'A new mount namespace starts as a copy that still shares events with the host; private means that no mount made here shows up there.',
      see: 'mount_namespaces(7)',
      failure: {
        EINVAL: {
          code: 'RT_STEP_FAILED',
          message:
            'The root directory of this process is no mount point, so its mounts cannot be cut off from the host',
          remedy: 'In a chroot, bind-mount its directory onto itself first: mount --bind DIR DIR.',
        },
      },
    },
    ...rootMounts,
  ]
  if (nodev) {
    steps.push({
      where: 'sandbox',
      op: 'mount',
      source: 'none',
      target: rootMountPoint,
      inside: false,
      flags: ['remount', 'bind', 'nodev'],
      why: 'No control group guards devices on this host, so device nodes that the image brings must not open.',
      see: 'mount(8), nodev',
    })
  }
  steps.push({
    where: 'sandbox',
    op: 'root.set',
    path: rootMountPoint,
    why: 'From here on, paths are looked up below the new root, and links of the image cannot lead out of it.',
    see: 'openat2(2), RESOLVE_IN_ROOT',
  })
  return steps
}

/**
 * Masks and read-only paths while the host's root is still there: what covers a file is then the host's own /dev/null, not a node
 * that the container could have swapped (CVE-2025-31133).
 */
export const hideSteps = (masked: readonly string[], readonly: readonly string[]): SandboxStep[] => [
  ...masked.map(
    (path): SandboxStep => ({
      where: 'sandbox',
      op: 'inside.mask',
      path,
      why: `${path} tells about, or reaches into, the host and is not namespaced, so it is covered.`,
      see: 'proc(5)',
    }),
  ),
  ...readonly.map(
    (path): SandboxStep => ({
      where: 'sandbox',
      op: 'inside.readonly',
      path,
      why: `Writing to ${path} would change settings of the whole host.`,
      see: 'proc(5)',
    }),
  ),
]

export const enterRoot = (mode: 'pivot' | 'chroot'): SandboxStep => ({
  where: 'sandbox',
  op: 'root.enter',
  mode,
  why:
    mode === 'pivot'
      ? 'The container root becomes / and the old root is unmounted, so there is no way back to it, which chroot alone would leave.'
      : 'The container root is moved onto / and chroot makes it the root of all paths, as on an initramfs, which cannot be pivoted.',
  see: mode === 'pivot' ? 'pivot_root(2)' : 'chroot(2)',
})

export const readonlyRoot = (): SandboxStep => ({
  where: 'sandbox',
  op: 'root.readonly',
  why: 'A read-only root was asked for; it comes this late because mount points had to be made in it.',
  see: 'mount(8), remount',
})
