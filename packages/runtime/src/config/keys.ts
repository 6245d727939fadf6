import type { DriverKind } from '@rt/driver-api'

/** The three questions that a driver can answer, by their names in config files and flags. */
export const AXES = { isolation: 'isolation', storage: 'storage', network: 'net' } as const satisfies Record<
  string,
  DriverKind
>
export type Axis = keyof typeof AXES

export const isAxis = (key: string): key is Axis => Object.hasOwn(AXES, key)

/** Keys that hold one text, with their defaults. */
export const DEFAULTS: Readonly<Record<Axis | 'root' | 'run-root', string>> = {
  root: '/var/lib/rt',
  'run-root': '/run/rt',
  isolation: 'namespaces',
  storage: 'overlay',
  network: 'bridge',
}

/** The section of a config file that says where drivers lie: `drivers: { network: { x: /opt/rt-driver-net-x } }`. */
export const DRIVERS = 'drivers'
