/** Archives of whole images: loaded when the first one is read or written. */
export { loadImages } from './load.ts'
export { saveImages } from './save.ts'
