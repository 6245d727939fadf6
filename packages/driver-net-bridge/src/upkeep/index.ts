/** What is not for a container's start: loaded when it is asked for. */
export { define } from './define.ts'
export { gc } from './gc.ts'
export { look } from './look.ts'
export { probeBridge } from './probe.ts'
export { publishLater } from './publish-later.ts'
export { reload } from './reload.ts'
export { remove, reset } from './remove.ts'
