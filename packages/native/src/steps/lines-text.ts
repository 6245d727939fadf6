import { fstatSync, readSync, writeSync } from 'node:fs'

/*
 * Programs read such a file while it is changed, without a lock. What they see must never be half of a line, or of two. Therefore
 *
 * - no line crosses a multiple of BLOCK: a read(2) of a C library, which fetches whole blocks, ends with a whole line, and a line lies in one
 *   page. The kernel lets a file grow, page by page, after the bytes are there, so that a line that is appended is seen whole or not at all;
 * - a line ends by its first byte alone, which becomes `#`: a comment. What is written over the marker behind its own `#` is comment anyway;
 * - a line is written over, by one that is not longer, only when it has been a comment for QUIET_SECONDS: no read(2) that began before is still
 *   under way. Meanwhile the first byte stays `#`, and it is the last to be written.
 *
 * What a program has sent from a file into a pipe by sendfile(2), as busybox's cat does, are the file's own pages: whatever is changed in the
 * file changes in the pipe, as long as nobody has read it there. Therefore
 *
 * - a file is never cut off: who reads the pipe after the end would find zeros;
 * - where no line would be left nobody has the file mounted any more, and another one without lines takes its place. That is why one container
 *   after the other leaves nothing behind, and why its own line is still what it was for who reads its output after its end;
 * - what others go on to read has to change in place: there a late reader of an old pipe finds the line as a comment.
 *
 * A container that leaves a network while it runs gets another file before its lines end, in the place of the old one: what is mounted upon
 * a file the kernel unmounts when another takes its name. A file of several names cannot be replaced at once, and a container's own goes with
 * it: they stay the same. The shim's lines.c ends lines by the same rules.
 */
const BLOCK = 1024
const QUIET_SECONDS = 10
/**
 * What a start looks through for a place to use again. It takes any piece of this size of the file, so that its cost does not grow with the
 * number of containers; of 40 lines one will do, so that few are ever of no use.
 */
const PIECE = 4 << 10

/** What a container's own file may hold to be looked at: 40,000 lines. */
const MOST_BYTES = 4 << 20

export interface Line {
  /** In bytes. */
  readonly at: number
  readonly text: string
}

/** Behind a tab and `# `: the marker of a line, or the second of its end. */
const MARKER = 12
const LIVE = /^[^#].*\t# [0-9a-f]{12}$/
const ENDED = /^#.*\t# -(\d{10}) $/

export const isLive = ({ text }: Line): boolean => LIVE.test(text)
const markerOf = ({ text }: Line): string => text.slice(-MARKER)
const isMarked = (line: Line): boolean => isLive(line) || ENDED.test(line.text)

/** Complete lines of text in which a character is a byte (`latin1`). */
export const linesOf = (content: string): Line[] => {
  const lines: Line[] = []
  for (let at = 0, end = content.indexOf('\n'); end >= 0; at = end + 1, end = content.indexOf('\n', at))
    lines.push({ at, text: content.slice(at, end) })
  return lines
}

/** The lines as they go behind `size` bytes; none may be longer than BLOCK. */
export const aligned = (lines: readonly string[], size: number): string => {
  let text = ''
  for (const line of lines) {
    const room = BLOCK - ((size + text.length) % BLOCK)
    if (line.length >= room) text += `${'#'.padEnd(room - 1).slice(0, room - 1)}\n`
    text += `${line}\n`
  }
  return text
}

/** Ends the lines of a marker but those of `keep`. */
export const endLines = (fd: number, marker: string, keep: readonly string[] = []): void => {
  const ends = (line: Line): boolean => markerOf(line) === marker && !keep.includes(unpadded(line.text))
  for (const line of readLines(fd)) if (isLive(line) && ends(line)) bury(fd, line)
}

/** What stands before everybody's lines, where nobody has one but `marker`; undefined where others do, or nobody ever had. */
export const headWithoutOthers = (fd: number, marker: string): Buffer | undefined => {
  const lines = readLines(fd)
  const first = lines.find(isMarked)
  if (!first || lines.some((line) => isLive(line) && markerOf(line) !== marker)) return undefined
  const head = Buffer.alloc(first.at)
  return head.subarray(0, readSync(fd, head, 0, head.length, 0))
}

/** Ends lines, whosever they are. */
export const endTexts = (fd: number, texts: readonly string[]): void => {
  const ending = new Set(texts)
  for (const line of readLines(fd)) if (isLive(line) && ending.has(unpadded(line.text))) bury(fd, line)
}

/** Puts lines into places of such as have ended long ago, and answers those for which it found none. */
export const reuse = (fd: number, lines: readonly string[]): string[] => {
  const piece = Math.floor((Math.random() * fstatSync(fd).size) / PIECE) * PIECE
  const now = seconds()
  const places = readLines(fd, piece, PIECE).filter(({ text }) => {
    const end = ENDED.exec(text)?.[1]
    return end !== undefined && Math.abs(now - Number(end)) > QUIET_SECONDS
  })
  return lines.filter((line) => {
    const place = places.findIndex(({ text }) => text.length >= line.length)
    const [found] = place < 0 ? [] : places.splice(place, 1)
    if (found) put(fd, found, line)
    return found === undefined
  })
}

/** Whether it is worth a look. */
export const isLarge = (size: number): boolean => size >= PIECE

/** As it was before it was put into a place that is longer. */
export const unpadded = (text: string): string => text.replace(/ +(?=\t# \w+$)/, '')

const put = (fd: number, place: Line, text: string): void => {
  const end = text.length - MARKER - 3
  const line = text.slice(0, end).padEnd(place.text.length - MARKER - 3) + text.slice(end)
  writeSync(fd, line.slice(1), place.at + 1, 'latin1')
  writeSync(fd, line.slice(0, 1), place.at, 'latin1')
}

const bury = (fd: number, { at, text }: Line): void => {
  writeSync(fd, '#', at, 'latin1')
  writeSync(fd, `-${seconds()} `, at + text.length - MARKER, 'latin1')
}

const seconds = (): number => Math.floor(Date.now() / 1000)

/** Complete lines from there on. */
const readLines = (fd: number, from = 0, most = MOST_BYTES): Line[] => {
  const size = Math.min(most, fstatSync(fd).size - from)
  if (size <= 0) return []
  const content = Buffer.alloc(size)
  const text = content.toString('latin1', 0, readSync(fd, content, 0, size, from))
  return linesOf(text).map((line) => ({ at: from + line.at, text: line.text }))
}
