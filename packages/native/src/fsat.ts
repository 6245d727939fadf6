/** `@rt/native/fsat`: files relative to directory fds, for unpacking archives that nobody vouches for. */
export * from './sys/fsat.ts'
export * from './sys/xattr.ts'
