import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import type { LinesOperation } from '@rt/driver-api'
import { errorCode } from '../sys/errno.ts'
import { lock } from '../sys/lock.ts'
import {
  aligned,
  endLines,
  endTexts,
  headWithoutOthers,
  isLarge,
  isLive,
  linesOf,
  reuse,
  unpadded,
} from './lines-text.ts'

type Op<Name extends LinesOperation['op']> = Extract<LinesOperation, { op: Name }>

/** O_NONBLOCK: a container that takes a lease (fcntl(2), F_SETLEASE) on its own file would make us wait 45 s for it. */
const { O_APPEND, O_NONBLOCK, O_RDWR, O_WRONLY } = constants

/** The permission bits of /etc/hosts. */
const MODE = 0o644

export const makeLines = ({ path, head, from, links, own = false, ...step }: Op<'lines.make'>): boolean =>
  locked(step.lock, () => {
    const there = existsSync(path)
    if (own || !there) {
      const texts = from.flatMap(liveLines)
      const content = head + aligned(texts, Buffer.byteLength(head))
      // One that is there may be mounted: a file that is replaced stays mounted without a name, and the kernel mounts nothing over such.
      if (there) inPlace(path, (fd) => ftruncateSync(fd, writeSync(fd, content, 0)))
      else replace(`${path}.new`, path, content)
    }
    for (const link of links) unlessThere(() => (own ? symlinkSync(path, link) : linkSync(path, link)))
  })

/** A write or two for each file, however many lines are in it already. */
export const addLines = ({ directory, lines, replaces, ...step }: Op<'lines.add'>): boolean =>
  locked(step.lock, () =>
    eachFile(directory, (path) => {
      append(path, lines)
      if (replaces !== undefined) inPlace(path, (fd) => endLines(fd, replaces, lines))
    }),
  )

export const joinLines = ({ path, link, from, ...step }: Op<'lines.join'>): boolean =>
  locked(step.lock, () => {
    unlessThere(() => symlinkSync(path, link))
    append(path, liveLines(from))
  })

export const partLines = ({ path, link, from, ...step }: Op<'lines.part'>): boolean =>
  locked(step.lock, () => {
    rmSync(link, { force: true })
    const texts = liveLines(from)
    inPlace(path, (fd) => endTexts(fd, texts))
  })

const liveLines = (path: string): string[] =>
  linesOf(readFileSync(path, 'latin1'))
    .filter(isLive)
    .map(({ text }) => unpadded(text))

/** Answers whether there was something to look at. */
export const removeLines = ({ directory, marker, ...step }: Op<'lines.remove'>): boolean =>
  // Where the network has gone its lines have gone, and there may be no place for a lock.
  existsSync(directory) &&
  locked(step.lock, () => eachFile(directory, (path) => endIn(path, `${directory}/.new`, marker)))

/** `temporary`: a name that eachFile passes over, where somebody was killed before the rename. */
const endIn = (path: string, temporary: string, marker: string): void =>
  inPlace(path, (fd) => {
    const replaceable = !isOwn(path) && fstatSync(fd).nlink === 1
    const head = replaceable ? headWithoutOthers(fd, marker) : undefined
    if (!head || !replaced(temporary, path, head)) endLines(fd, marker)
  })

/** False: there is no room for another file. */
const replaced = (temporary: string, path: string, content: Buffer): boolean => {
  try {
    replace(temporary, path, content)
    return true
  } catch (error) {
    rmSync(temporary, { force: true })
    if (errorCode(error) !== 'ENOSPC') throw error
    return false
  }
}

const isOwn = (path: string): boolean => path[path.lastIndexOf('/') + 1] === '+'

const replace = (temporary: string, path: string, content: string | Buffer): void => {
  writeFileSync(temporary, content, { mode: MODE })
  renameSync(temporary, path)
}

const locked = (path: string, work: () => void): boolean => {
  const held = lock(path)
  try {
    work()
    return true
  } finally {
    held.release()
  }
}

const eachFile = (directory: string, work: (path: string) => void): void => {
  for (const name of readdirSync(directory)) {
    if (name.startsWith('.')) continue
    const path = `${directory}/${name}`
    try {
      work(path)
    } catch (error) {
      // A container can make its own file immutable, or fill it up: that must not keep others from starting.
      if (!isOwn(path) || errorCode(error) === undefined) throw error
    }
  }
}

const withFile = <T>(path: string, flags: number, work: (fd: number) => T): T => {
  const fd = openSync(path, flags | O_NONBLOCK)
  try {
    return work(fd)
  } finally {
    closeSync(fd)
  }
}

const inPlace = (path: string, work: (fd: number) => void): void => withFile(path, O_RDWR, work)

const append = (path: string, lines: readonly string[]): void =>
  withFile(path, O_WRONLY | O_APPEND, (fd) => {
    const { size } = fstatSync(fd)
    const left = isLarge(size) ? withFile(path, O_RDWR, (fd) => reuse(fd, lines)) : lines
    const text = Buffer.from(aligned(left, size), 'latin1')
    try {
      // All at once, as long as the disk is not full; the rest of a short write says why it was short.
      const written = writeSync(fd, text)
      if (written < text.length) writeSync(fd, text, written)
    } catch (error) {
      ftruncateSync(fd, size)
      throw error
    }
  })

const unlessThere = (make: () => void): void => {
  try {
    make()
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
}
