/**
 * Sentences in another language, by the English ones. `{1}`, `{2}` stand for what a step puts in: as in gettext, the English sentence is
 * the key, so that steps stay plain text, drivers need to know nothing of languages, and a start pays nothing for them.
 */
export type Catalogue = Readonly<Record<string, string>>
