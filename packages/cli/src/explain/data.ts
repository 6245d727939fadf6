import { addressOf, type Say } from '@rt/native/explain'
import { type Explanation, saidParts, script } from './explanation.ts'

/** For programs. `commands` are lines of bash as they stand in `script`. */
export const toData = (explanation: Explanation, say: Say) => ({
  title: explanation.title,
  about: explanation.about.map(say),
  image: explanation.image,
  drivers: explanation.drivers,
  parts: saidParts(explanation, say).map(({ part, title, steps }) => ({
    part,
    title,
    steps: steps.map(({ step: { where, op }, why, see, commands }) => {
      const link = addressOf(see)
      return { where, operation: op, why, see, ...(link !== undefined && { link }), commands }
    }),
  })),
  script: script(explanation, say),
})
