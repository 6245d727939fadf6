/** Images that are given by their path: loaded when the first one is. */
export { type PathOptions, pathImage } from './path-image.ts'
