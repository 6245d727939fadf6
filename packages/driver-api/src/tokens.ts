/**
 * Injection tokens. `Symbol.for`, because a third-party driver may bring its own copy of this package and of tsyringe,
 * and a symbol made by `Symbol()` in one copy is unknown to the other.
 */
export const NETWORK_DRIVER = Symbol.for('rt.driver.net.v1')
export const STORAGE_DRIVER = Symbol.for('rt.driver.storage.v1')
export const ISOLATION_DRIVER = Symbol.for('rt.driver.isolation.v1')
/** The surroundings of a driver: paths and the options that the user's config gives it. */
export const DRIVER_CONTEXT = Symbol.for('rt.driver.context.v1')
