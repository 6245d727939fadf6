const steps = (units: readonly string[], base: number, digits: number) => (bytes: number) => {
  let value = bytes
  let unit = 0
  for (; value >= base && unit < units.length - 1; unit++) value /= base
  return `${Number(value.toPrecision(digits))}${units[unit]}`
}

/** Decimal units with three digits, as Docker prints sizes on disk and on the wire: `1.21MB`. */
export const humanSize = steps(['B', 'kB', 'MB', 'GB', 'TB', 'PB'], 1000, 3)

/** Binary units with four digits, as Docker prints memory: `1.121MiB`. */
export const memorySize = steps(['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], 1024, 4)
