import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The root of this checkout. */
export const CHECKOUT = findCheckout(import.meta.dirname)

/** Directories that a world must show wherever they lie: the checkout and the Node that runs the tests. */
export function neededDirectories(): string[] {
  const node = dirname(dirname(process.execPath))
  return node === '/usr' || node.startsWith(`${CHECKOUT}/`) ? [CHECKOUT] : [CHECKOUT, node]
}

function findCheckout(from: string): string {
  if (existsSync(join(from, 'turbo.json'))) return from
  const parent = dirname(from)
  if (parent === from) throw new Error(`no checkout above ${import.meta.dirname}`)
  return findCheckout(parent)
}
