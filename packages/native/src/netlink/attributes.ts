import { AttrStream, type StreamData } from './structures.ts'

export type Attribute = readonly [type: number, data: StreamData]

/** What a message consists of: the structure of its kind, and attributes behind it. */
export const attributes = (header: Buffer, list: readonly Attribute[]): Uint8Array[] => [header, ...stream(nest(list))]

export const nest =
  (list: readonly Attribute[]): StreamData =>
  (out: AttrStream) => {
    for (const [type, data] of list) out.push(type, data)
  }

export const stream = (data: StreamData): Uint8Array[] => {
  const out = new AttrStream()
  out.emit(data)
  return out.bufs
}
