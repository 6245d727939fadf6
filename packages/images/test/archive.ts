/** Makes tar members field by field, also such as no tar program would write. */
export interface Fields {
  name?: string | Buffer
  type?: string
  link?: string
  mode?: number | Buffer
  uid?: number | Buffer
  gid?: number
  mtime?: number
  content?: Buffer | string
  /** What the header claims; default: the content's length. */
  size?: number | Buffer
  major?: number
  minor?: number
  magic?: string
}

export const END = Buffer.alloc(1024)

const number = (value: number | Buffer, length: number): Buffer =>
  typeof value === 'number' ? Buffer.from(`${value.toString(8).padStart(length - 1, '0')}\0`) : value

export const member = (fields: Fields): Buffer => {
  const content = Buffer.from(fields.content ?? '')
  const header = Buffer.alloc(512)
  Buffer.from(fields.name ?? 'file').copy(header, 0, 0, 100)
  number(fields.mode ?? 0o644, 8).copy(header, 100)
  number(fields.uid ?? 0, 8).copy(header, 108)
  number(fields.gid ?? 0, 8).copy(header, 116)
  number(fields.size ?? content.length, 12).copy(header, 124)
  number(fields.mtime ?? 1_700_000_000, 12).copy(header, 136)
  header.write(fields.type ?? '0', 156)
  header.write(fields.link ?? '', 157)
  header.write(fields.magic ?? 'ustar\x0000', 257)
  number(fields.major ?? 0, 8).copy(header, 329)
  number(fields.minor ?? 0, 8).copy(header, 337)
  return Buffer.concat([sealed(header), content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

/** Puts the checksum in. */
export const sealed = (header: Buffer): Buffer => {
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** One record of an extended header; `value` may be binary. */
export const record = (key: string, value: string | Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')])
  let length = body.length + 1
  while (`${length}`.length + body.length !== length) length = `${length}`.length + body.length
  return Buffer.concat([Buffer.from(`${length}`), body])
}

export const pax = (...records: Buffer[]): Buffer => member({ name: 'pax', type: 'x', content: Buffer.concat(records) })

export const archive = (...members: Buffer[]): Buffer => Buffer.concat([...members, END])
