/** `@rt/native/fsat`: files relative to directory fds, for archives and containers that nobody vouches for. */
export * from './sys/detached-overlay.ts'
export * from './sys/exchange.ts'
export * from './sys/fsat.ts'
export * from './sys/node.ts'
export * from './sys/process-root.ts'
export * from './sys/write-all.ts'
export * from './sys/xattr.ts'
