import type { World } from '@rt/test-world'
import { expect } from 'vitest'
import { Rt } from '../rt.ts'
import { settled } from './page.ts'

const NETWORKS = [
  ['--subnet=10.51.0.0/24', '--opt=name=front0', 'front'],
  ['--subnet=10.52.0.0/24', '--opt=name=back0', '--internal', 'back'],
  ['--subnet=10.53.0.0/24', '--subnet=fd00:53::/64', '--ipv6', '--opt=name=six0', 'six'],
]

const CONTAINERS = {
  alone: ['--network=none'],
  fast: ['--network=host'],
  web: ['--network=bridge', '-p8080:80'],
  app: ['--network=front', '--network=back'],
  db: ['--network=back'],
  both: ['--network=six'],
  sidecar: ['--network=container:web'],
}

/** All modes side by side, as rt draws a host that has a container of each. */
export const drawOverview = async (world: World): Promise<string> => {
  const rt = new Rt(world)
  // Tells that it makes the image.
  await rt.run(['run', '--rm', '--network=none', 'busybox', 'true'])
  for (const words of NETWORKS) await rt.out(['network', 'create', ...words])
  for (const [name, flags] of Object.entries(CONTAINERS))
    await rt.out(['run', '-d', `--name=${name}`, ...flags, 'busybox', 'sleep', '1000'])
  const picture = settled(await rt.out(['network', 'inspect', '--mermaid'])).trimEnd()
  return `${picture}\n${await joined(rt, picture)}`
}

/** Who has the namespace of another one has no interface and no cable of its own, and so is in no network's picture. */
const joined = async (rt: Rt, picture: string): Promise<string> => {
  const namespace = (name: string) => rt.out(['exec', name, 'readlink', '/proc/self/ns/net'])
  expect(await namespace('sidecar')).toBe(await namespace('web'))
  const [, web] = /(\w+)\("web</.exec(picture) ?? []
  return `  ${web} ===|"one namespace"| joined("sidecar<br>--network=container:web")`
}

const PICTURE = /(?<=```mermaid\n)[\s\S]*?(?=\n```)/

export const pictureOf = (page: string): string | undefined => PICTURE.exec(page)?.[0]

export const withPicture = (page: string, picture: string): string => page.replace(PICTURE, () => picture)
