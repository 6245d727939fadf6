/** 64 lower-case hexadecimal digits, as in Docker; the first twelve are shown to people. */
export type ContainerId = string

export const shortId = (id: ContainerId): string => id.slice(0, 12)

/** The major version of this contract that a driver was written against. */
export const API_VERSION = 1
