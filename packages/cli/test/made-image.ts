import type { Rt } from './rt.ts'

/** An image of busybox and what `script` does in it, with Dockerfile instructions. */
export const madeImage = async (rt: Rt, name: string, script: string, ...changes: string[]): Promise<void> => {
  await rt.out(['run', '--name=maker', '--network=none', 'busybox', 'sh', '-ec', script])
  await rt.out(['commit', ...changes.map((change) => `--change=${change}`), 'maker', name])
  await rt.out(['rm', 'maker'])
}
