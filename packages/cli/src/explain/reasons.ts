import type { Say } from '@rt/native/explain'
import type { Catalogue } from './catalogue.ts'
import { zh } from './zh/index.ts'

export type Language = 'en' | 'zh'

/** How an explanation speaks this language. */
export const sayIn = (language: Language): Say => (language === 'en' ? (sentence) => sentence : translator(zh))

/** A sentence that nobody has translated stays as it is; several in a row are translated one by one where no entry has them together. */
export const translator = (catalogue: Catalogue): Say => {
  const patterns = Object.entries(catalogue).flatMap(([from, to]) => (/\{\d+\}/.test(from) ? [pattern(from, to)] : []))
  const one = (sentence: string): string | undefined => {
    const plain = catalogue[sentence]
    if (plain !== undefined) return plain
    for (const { expression, to } of patterns) {
      const match = expression.exec(sentence)
      // What was put in may be a sentence of its own.
      if (match)
        return to.replace(
          /\{(\d+)\}/g,
          (_, index: string) => one(match[Number(index)] ?? '') ?? match[Number(index)] ?? '',
        )
    }
    return undefined
  }
  return (sentence) => {
    const whole = one(sentence)
    if (whole !== undefined) return whole
    const parts = sentence.split(/(?<=[.)]) (?=[A-Z])/).map(one)
    return parts.length > 1 && parts.every((part) => part !== undefined) ? parts.join('') : sentence
  }
}

const pattern = (from: string, to: string): { readonly expression: RegExp; readonly to: string } => {
  const parts = from.split(/\{\d+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return { expression: new RegExp(`^${parts.join('(.+?)')}$`, 's'), to }
}
