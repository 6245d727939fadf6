import type { DriverModule } from '@rt/runtime'

/** The drivers that this distribution brings. Only the ones that a start uses are loaded. */
export const builtinDrivers: readonly DriverModule[] = [
  {
    axis: 'isolation',
    name: 'namespaces',
    package: '@rt/driver-isolation-namespaces',
    load: () => import('@rt/driver-isolation-namespaces'),
  },
  {
    axis: 'storage',
    name: 'overlay',
    package: '@rt/driver-storage-overlay',
    load: () => import('@rt/driver-storage-overlay'),
  },
  { axis: 'storage', name: 'copy', package: '@rt/driver-storage-copy', load: () => import('@rt/driver-storage-copy') },
  { axis: 'network', name: 'none', package: '@rt/driver-net-none', load: () => import('@rt/driver-net-none') },
  { axis: 'network', name: 'host', package: '@rt/driver-net-host', load: () => import('@rt/driver-net-host') },
  { axis: 'network', name: 'bridge', package: '@rt/driver-net-bridge', load: () => import('@rt/driver-net-bridge') },
]
