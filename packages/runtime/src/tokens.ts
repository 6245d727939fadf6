/** What the runtime's own classes are given by the injector. */
export const CONFIG = Symbol.for('rt.config')
export const DRIVER_MODULES = Symbol.for('rt.driver-modules')
export const LAYOUT = Symbol.for('rt.layout')
export const IMAGES = Symbol.for('rt.images')
