/** Images of Dockerfiles, by somebody else's builder: loaded when the first one is asked for. */
export { buildImage } from './build.ts'
export { type BuildCacheUsage, buildCacheUsage, pruneBuildCache } from './scratch.ts'
