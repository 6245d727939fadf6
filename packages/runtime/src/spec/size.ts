const UNITS = 'bkmgtp'

/** Bytes of a size in Docker's notation: `67108864`, `64m`, `64MB`, `64MiB`, `1.5g`, units of 1024; undefined: it is none. */
export const parseBytes = (text: string): number | undefined => {
  const [, digits, unit = 'b'] = /^(\d+(?:\.\d+)?) ?(?:([bkmgtp])(?:i?b)?)?$/i.exec(text) ?? []
  return digits === undefined ? undefined : Math.floor(Number(digits) * 1024 ** UNITS.indexOf(unit.toLowerCase()))
}
