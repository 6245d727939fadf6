/** `@rt/native/explain`: plans as shell scripts. Not part of the main entry, because `rt run` does not need it. */
export { OUTSIDE, type ShellContext } from './context.ts'
export type * from './input.ts'
export * from './parts.ts'
export { addressOf, nameOf } from './pointers.ts'
export { quoteAll } from './quote.ts'
export * from './script.ts'
export * from './step.ts'
