import { closeSync, openSync, readSync } from 'node:fs'
import type { ContainerId } from '@rt/driver-api'

/** From the kernel's own generator: node:crypto takes 4 ms to load, a tenth of a whole start. */
const random = (size: number): Buffer => {
  const fd = openSync('/dev/urandom', 'r')
  try {
    const bytes = Buffer.alloc(size)
    readSync(fd, bytes)
    return bytes
  } finally {
    closeSync(fd)
  }
}

export const newContainerId = (): ContainerId => random(32).toString('hex')

const ADJECTIVES =
  'able apt bold brave bright brisk calm clear clever cool crisp deft eager early fair fast fine firm fond frank fresh glad grand great happy hardy keen kind light lively loyal lucid merry mild neat nimble noble open plain polite proud quick quiet rapid ready rich robust sharp shy sincere smart smooth solid sound spry steady still stout strong sturdy subtle sunny super swift tall tidy trim true trusty upbeat vivid warm wise witty young zesty'.split(
    ' ',
  )
const NOUNS =
  'acorn alder amber anchor apple arrow ash aspen badger barley basil beacon beaver bee birch bison brook canoe cedar cherry cliff clover comet coral crane creek cricket dawn delta dove dune eagle elk elm ember falcon fern finch fir fjord fox glade grove harbor hawk hazel heron hill holly island ivy jade jay juniper kestrel lake lark laurel lemon lilac linden lotus lynx maple marsh meadow mesa moon moss oak olive orchid osprey otter owl pearl pine plum pond poplar quail quartz raven reef ridge river robin rowan sage shore sparrow spruce star stone stream summit swan thistle tide trout tulip valley walnut wave willow wren'.split(
    ' ',
  )

/** `brave_otter`: easier to say and to type than twelve hex digits. 7,000 of them; the caller tries again when one is taken. */
export const randomName = (): string => {
  const bytes = random(4)
  const [a, n] = [bytes.readUInt16LE(0), bytes.readUInt16LE(2)]
  return `${ADJECTIVES[a % ADJECTIVES.length]}_${NOUNS[n % NOUNS.length]}`
}
