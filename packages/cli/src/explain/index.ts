import { type ExplainedPart, explainParts, type Say } from '@rt/native/explain'
import { toData } from './data.ts'
import { type Explanation, script } from './explanation.ts'
import { toMarkdown } from './markdown.ts'
import { toPage } from './page.ts'

export { flagWords } from '../flags/words.ts'
export { explainContainer, explainRun } from './explanation.ts'
export { subjectOf } from './subject.ts'

export type Format = 'sh' | 'md' | 'json' | 'html'

/** Ends with a newline. `language`: what `say` speaks. */
export const explained = (explanation: Explanation, format: Format, say: Say, language: string): string => {
  switch (format) {
    case 'sh':
      return script(explanation, say)
    case 'md':
      return toMarkdown(explanation, say)
    case 'html':
      return toPage(explanation, say, language)
    case 'json':
      return `${JSON.stringify(toData(explanation, say), null, 2)}\n`
  }
}

/** The script, line by line. */
export const toLines = (explanation: Explanation): string[] =>
  script(explanation, (sentence) => sentence)
    .trimEnd()
    .split('\n')

/** One line a step: where it happens, what is done, why. */
export const summarize = ({ title, input }: Explanation): string[] => {
  const parts = explainParts(input)
  const lines = (part: ExplainedPart['part']): string[] =>
    parts
      .filter((each) => each.part === part)
      .flatMap(({ steps }) =>
        steps.map(
          ({ step: { where, op }, why, commands: [first] }) =>
            `${where.padEnd(8)} ${op.padEnd(20)} ${why}${first === undefined ? '' : `  # ${first}`}`,
        ),
      )
  const steps = [...lines('host'), ...lines('inside')]
  return [`${title}: ${steps.length} steps, nothing was done`, ...steps, 'when it ends:', ...lines('end')]
}
