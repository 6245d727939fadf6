import { type ExplainedPart, type ExplainInput, explainParts, quoteAll, type Say, toScript } from '@rt/native/explain'
import { type ContainerPlan, explainInput, type PlanOfContainer, performedPlan, type Runtime } from '@rt/runtime'

/** What is explained: a plan, and whose it is. */
export interface Explanation {
  /** `rt run --network=none busybox sh` */
  readonly title: string
  /** In one sentence: what these steps are. */
  readonly about: readonly string[]
  readonly image: string
  readonly drivers: { readonly isolation: string; readonly storage: string; readonly network: string }
  readonly input: ExplainInput
}

/** As a shell takes it. */
const commandLine = (words: readonly string[]): string => `rt run ${quoteAll(words)}`

/** Of a run that is not performed, with the flags that were given for it. */
export const explainRun = async (
  rt: Runtime,
  flags: readonly string[],
  words: readonly string[],
  plan: ContainerPlan,
): Promise<Explanation> => ({
  title: commandLine([...flags, ...words]),
  about: ['This is what the command would do.'],
  image: words[0] ?? '',
  drivers: { ...rt.driverNames(), network: plan.network.connected[0]?.driver ?? rt.driverNames().network },
  input: await explainInput(rt.layout, commandLine([...flags, ...words]), plan.identity.id, performedPlan(plan)),
})

/** Of a container that there is. */
export const explainContainer = async (
  rt: Runtime,
  { container, plan, performed }: PlanOfContainer,
): Promise<Explanation> => {
  const { name, id, image, drivers, request } = container.record
  const title = commandLine([`--name=${name}`, image.name, ...(request.spec.command ?? [])])
  return {
    title,
    about: performed
      ? [
          `This was done to start the container ${name}.`,
          'Pasted into a shell, it makes the same container anew: where that one is gone, or on another host.',
        ]
      : [`This is what the first start of the container ${name} will do.`],
    image: image.name,
    drivers,
    input: await explainInput(rt.layout, title, id, plan),
  }
}

const TITLES: Readonly<Record<ExplainedPart['part'], string>> = {
  host: 'Before the container is there: on the host',
  inside: 'Inside the container, by its first process',
  end: 'When it has ended: on the host',
}

/** A part with its heading and with what is said in it in the reader's language. */
export const saidParts = ({ input }: Explanation, say: Say) =>
  explainParts(input).map(({ part, steps }) => ({
    part,
    title: say(TITLES[part]),
    steps: steps.map((step) => ({ ...step, why: say(step.why) })),
  }))

/** The whole plan as a commented bash script. */
export const script = ({ input, about }: Explanation, say: Say): string =>
  toScript({ ...input, title: [input.title, ...about.map(say)].join('\n') }, say)
