/** Images of Dockerfiles, by somebody else's builder: loaded when the first one is asked for. */
export { buildImage, pruneBuilds } from './build.ts'
