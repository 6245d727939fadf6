/** Archives of whole images: loaded when the first one is read or written. */
export { adoptLayout } from './adopt-layout.ts'
export { loadImages } from './load.ts'
export { saveImages } from './save.ts'
