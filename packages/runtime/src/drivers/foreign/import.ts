/** In a file of its own, because the bundle cannot import modules: see scripts/build.mjs of the command line. */
export const importModule = (url: string): Promise<unknown> => import(url)
