import type { Step } from '@rt/driver-api'
import { OUTSIDE, type ShellContext } from './context.ts'
import type { ExplainInput } from './input.ts'
import { contextAfter, type ExplainedStep, explainStep } from './step.ts'

/** The steps of one place, in order. */
export interface ExplainedPart {
  /** `host`: before the container is there; `inside`: by its first process; `end`: after it has ended. */
  readonly part: 'host' | 'inside' | 'end'
  readonly steps: readonly ExplainedStep[]
}

/** What every part of a plan starts from. */
export const outsideOf = (input: Pick<ExplainInput, 'namespace'>): ShellContext => {
  const { netns, ...rest } = OUTSIDE
  return input.namespace === 'new' && netns !== undefined ? { ...rest, netns } : rest
}

/** A whole plan for people: each step with its commands as they stand in the script. */
export const explainParts = (input: ExplainInput): ExplainedPart[] => {
  const outside = outsideOf(input)
  return [
    { part: 'host', steps: input.host.map((step) => explainStep(step, outside)) },
    { part: 'inside', steps: insideSteps(input.sandbox, outside).steps },
    { part: 'end', steps: input.leave.map((step) => explainStep(step, outside)) },
  ]
}

/** With the context that is left after the last of them. */
export const insideSteps = (
  sandbox: readonly Step[],
  outside: ShellContext,
): { readonly steps: ExplainedStep[]; readonly context: ShellContext } => {
  let context = outside
  const steps = sandbox.map((step) => {
    const explained = explainStep(step, context)
    context = contextAfter(step, context)
    return explained
  })
  return { steps, context }
}
