/** Detach keys as the shim reads them. */
export const keysWord = (keys: Uint8Array): string => (keys.length > 0 ? keys.join() : '-')
