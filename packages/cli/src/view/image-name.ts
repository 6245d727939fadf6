import { familiarName, parseReference } from '@rt/images'

/** Two columns of a table. */
export const nameAndTag = (reference: string | undefined): [name: string, tag: string] => {
  if (reference === undefined) return ['<none>', '<none>']
  const parsed = parseReference(reference)
  return [familiarName(parsed), parsed.tag ?? '<none>']
}

export const shortImageId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12)
