import { BLOCK } from './header.ts'

const TYPEFLAGS = { file: '0', link: '1', dir: '5' } as const

export interface Member {
  readonly type: keyof typeof TYPEFLAGS
  /** At most 100 bytes. */
  readonly path: string
  readonly linkpath?: string
  readonly mode: number
  /** Whole seconds since the epoch. */
  readonly mtime: number
  readonly content?: Buffer
}

/** Two zero blocks. */
export const END_MARK = Buffer.alloc(2 * BLOCK)

/** One ustar member of root:root: header, content and padding. */
export const writeMember = ({ type, path, linkpath = '', mode, mtime, content = Buffer.alloc(0) }: Member): Buffer => {
  for (const name of [path, linkpath]) {
    if (Buffer.byteLength(name) > 100) throw new RangeError(`a ustar name has at most 100 bytes: ${name}`)
  }
  const member = Buffer.alloc(BLOCK + Math.ceil(content.length / BLOCK) * BLOCK)
  const octal = (value: number, offset: number, digits: number): void => {
    member.write(value.toString(8).padStart(digits, '0'), offset)
  }
  member.write(path, 0)
  octal(mode, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(content.length, 124, 11)
  octal(mtime, 136, 11)
  member.write(' '.repeat(8), 148)
  member.write(TYPEFLAGS[type], 156)
  member.write(linkpath, 157)
  member.write('ustar\x0000', 257)
  let sum = 0
  for (let index = 0; index < BLOCK; index++) sum += member[index] ?? 0
  octal(sum, 148, 6)
  member[154] = 0
  content.copy(member, BLOCK)
  return member
}
