import type { EntryType, TarEntry } from './entry.ts'
import { BLOCK } from './header.ts'
import type { TarSink } from './sink.ts'

const TYPEFLAGS: Readonly<Record<EntryType, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
}
const SECOND = 1_000_000_000n
const MAX_NAME = 100
const MAX_ID = 0o7777777
const MAX_SIZE = 0o77777777777

/**
 * Writes a tar archive in pax format: what does not fit a ustar header (long names, large sizes, nanoseconds, xattrs) goes into an extended
 * one before it. Holes of sparse files become zeros, because that is what every tar can read. Synchronous; its memory is one buffer.
 */
export class TarEncoder implements TarSink {
  readonly #write: (bytes: Buffer) => void
  readonly #buffer = Buffer.allocUnsafe(1 << 18)
  #used = 0
  #size = 0
  /** Bytes of the present entry's content that are out. */
  #done = 0

  /** `write` takes all of what it is given before it returns. */
  constructor(write: (bytes: Buffer) => void) {
    this.#write = write
  }

  entry(entry: TarEntry): void {
    const records = extendedRecords(entry)
    if (records.length > 0) {
      const body = Buffer.concat(records)
      this.#put(header({ ...PAX_HEADER, mtime: entry.mtime, size: body.length }, 'x'))
      this.#put(body)
      this.#pad(body.length)
    }
    this.#put(header(entry, TYPEFLAGS[entry.type]))
    this.#size = entry.type === 'file' ? entry.size : 0
    this.#done = 0
  }

  data(bytes: Buffer, position: number): void {
    this.#zeros(position - this.#done)
    this.#put(bytes)
    this.#done = position + bytes.length
  }

  close(): void {
    this.#zeros(this.#size - this.#done)
    this.#pad(this.#size)
  }

  /** Writes the end mark and all that is held back. */
  finish(): void {
    this.#zeros(2 * BLOCK)
    this.#flush()
  }

  #pad(size: number): void {
    this.#zeros((BLOCK - (size % BLOCK)) % BLOCK)
  }

  #zeros(count: number): void {
    for (let left = count; left > 0; left -= ZEROS.length)
      this.#put(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS)
  }

  #put(bytes: Buffer): void {
    if (this.#used + bytes.length > this.#buffer.length) this.#flush()
    if (bytes.length > this.#buffer.length) {
      this.#write(bytes)
      return
    }
    this.#used += bytes.copy(this.#buffer, this.#used)
  }

  #flush(): void {
    if (this.#used > 0) this.#write(this.#buffer.subarray(0, this.#used))
    this.#used = 0
  }
}

const ZEROS = Buffer.alloc(1 << 16)

const PAX_HEADER = {
  type: 'file',
  path: 'PaxHeaders/entry',
  linkpath: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  major: 0,
  minor: 0,
} as const

type HeaderFields = Omit<TarEntry, 'xattrs' | 'extents'>

/** What tells a directory from a file in every tar since 1979 is the slash at its end. */
const pathOf = ({ type, path }: Pick<TarEntry, 'type' | 'path'>): string =>
  type === 'dir' && !path.endsWith('/') ? `${path}/` : path

const header = (entry: HeaderFields, typeflag: string): Buffer => {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, offset: number, digits: number, most: number): void => {
    block.write((value > most ? 0 : value).toString(8).padStart(digits, '0'), offset, 'latin1')
  }
  const seconds = entry.mtime < 0n ? 0n : entry.mtime / SECOND
  block.write(pathOf(entry).slice(0, MAX_NAME), 0, 'latin1')
  octal(entry.mode, 100, 7, 0o7777)
  octal(entry.uid, 108, 7, MAX_ID)
  octal(entry.gid, 116, 7, MAX_ID)
  octal(entry.type === 'file' ? entry.size : 0, 124, 11, MAX_SIZE)
  octal(Number(seconds), 136, 11, MAX_SIZE)
  block.fill(' ', 148, 156)
  block.write(typeflag, 156, 'latin1')
  block.write(entry.linkpath.slice(0, MAX_NAME), 157, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  octal(entry.major, 329, 7, MAX_ID)
  octal(entry.minor, 337, 7, MAX_ID)
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0`, 148, 'latin1')
  return block
}

const extendedRecords = (entry: TarEntry): Buffer[] => {
  const records: Buffer[] = []
  const add = (key: string, value: Buffer | string): void => {
    records.push(record(key, typeof value === 'string' ? Buffer.from(value, 'latin1') : value))
  }
  const path = pathOf(entry)
  if (path.length > MAX_NAME) add('path', path)
  if (entry.linkpath.length > MAX_NAME) add('linkpath', entry.linkpath)
  if (entry.type === 'file' && entry.size > MAX_SIZE) add('size', String(entry.size))
  if (entry.uid > MAX_ID) add('uid', String(entry.uid))
  if (entry.gid > MAX_ID) add('gid', String(entry.gid))
  if (entry.mtime < 0n || entry.mtime % SECOND !== 0n) add('mtime', decimalSeconds(entry.mtime))
  for (const [name, value] of entry.xattrs) add(`SCHILY.xattr.${name}`, value)
  return records
}

/** `LENGTH KEYWORD=VALUE\n`, where the length counts itself. */
const record = (key: string, value: Buffer): Buffer => {
  const rest = key.length + value.length + 3
  let length = rest + String(rest).length
  if (String(length).length !== String(rest).length) length = rest + String(length).length
  return Buffer.concat([Buffer.from(`${length} ${key}=`, 'latin1'), value, Buffer.from('\n')])
}

const decimalSeconds = (nanoseconds: bigint): string => {
  const absolute = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const fraction = (absolute % SECOND).toString().padStart(9, '0').replace(/0+$/, '')
  return `${nanoseconds < 0n ? '-' : ''}${absolute / SECOND}${fraction === '' ? '' : `.${fraction}`}`
}
