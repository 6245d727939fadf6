import { answerProblem, type PublishedPort, type PublishPlan } from '@rt/driver-api'
import type { Netns } from '@rt/native'
import { type Listening, listenTcp, reachesTcp } from '@rt/native/throwaway'
import { expectSame, hostState } from '../bench/scratch.ts'
import { ensure } from '../check.ts'
import type { Connected, NetworkBench } from './bench.ts'
import type { NetworkCheck, NetworkSubject } from './check.ts'
import { freePort, inside, isOwn, WAIT } from './reach.ts'

/** Of the host, as it and what is beyond call it. */
const HOST = '198.51.100.2'

const canPublish = (subject: NetworkSubject): boolean => isOwn(subject) && subject.capabilities.ports

export const publishChecks: readonly NetworkCheck[] = [
  {
    name: 'publishes ports',
    applies: canPublish,
    run: async (bench) => {
      // What all containers share for it is made by the first that publishes.
      bench.end(await bench.start({ ports: [published()] }))
      const before = await hostState()
      const port = published()
      const one = await bench.start({ ports: [port] })
      try {
        listening(one, port, (listener) => ensureLeads(bench, port, listener))
      } finally {
        bench.end(one)
      }
      ensureClosed(bench, port, 'after the container has ended')
      await expectSame(before, 'after the container has ended')
    },
  },
  {
    name: 'leads published ports to a container that is connected already',
    method: 'publish',
    applies: canPublish,
    run: async (bench) => {
      const container = bench.identity()
      const one = await bench.start({ container })
      const plan = async (port: PublishedPort): Promise<PublishPlan> => {
        const answer = await bench.driver().publish?.({ container, dns: [], ports: [port] }, one.plan.attachment)
        const problem = answerProblem('net', 'publish', answer)
        ensure(problem === undefined, `the answer to publish ${problem}`)
        return answer as PublishPlan
      }
      try {
        const shared = await plan(published())
        bench.perform(shared.enter)
        bench.leave(shared.leave, 'after a port was published')
        const before = await hostState()
        const port = published()
        const { enter, leave } = await plan(port)
        await expectSame(before, 'after publish')
        listening(one, port, (listener) => {
          bench.perform(enter)
          ensureLeads(bench, port, listener)
          bench.leave(leave, 'after a port was published')
          ensureClosed(bench, port, 'after the way back, with the container there', listener)
        })
        await expectSame(before, 'after a port was published')
        for (let steps = 0; steps <= enter.length; steps++) {
          bench.perform(enter.slice(0, steps))
          for (const _ of [1, 2]) bench.leave(leave, `after a crash behind step ${steps} of ${enter.length}`)
          await expectSame(before, `after a crash behind step ${steps} of ${enter.length}`)
        }
      } finally {
        bench.end(one)
      }
    },
  },
]

const published = (): PublishedPort => {
  const [hostPort, containerPort] = [freePort(), freePort()]
  return { protocol: 'tcp', hostAddress: '0.0.0.0', hostPort, containerPort }
}

/** With somebody at the container's end of a port. What listens there would keep the container's namespace. */
const listening = (
  { netns }: Connected,
  { containerPort }: PublishedPort,
  act: (listener: Listening) => void,
): void => {
  const listener = inside(netns, () => listenTcp('0.0.0.0', containerPort))
  try {
    act(listener)
  } finally {
    listener.close()
  }
}

const ensureLeads = (
  { internet }: NetworkBench,
  { hostPort, containerPort }: PublishedPort,
  listener: Listening,
): void => {
  const where = `port ${hostPort} of the host, which leads to ${containerPort} of the container`
  ensure(leads(internet, hostPort, listener), `nobody reaches ${where}`)
  ensure(leads(undefined, hostPort, listener), `the host itself does not reach ${where}`)
}

/** Whether it is the container that answers: a program of the host's may take the connection for it, and lead nowhere. */
const leads = (from: Netns | undefined, port: number, listener: Listening): boolean => {
  const deadline = Date.now() + WAIT()
  while (Date.now() < deadline)
    if (inside(from, () => reachesTcp(HOST, port, 1_000)) && listener.accept(WAIT()) !== undefined) return true
  return false
}

const ensureClosed = (
  { internet }: NetworkBench,
  { hostPort }: PublishedPort,
  when: string,
  listener?: Listening,
): void => {
  for (const from of [internet, undefined])
    ensure(isClosedSoon(from, hostPort, listener), `${when}, port ${hostPort} of the host is open still`)
}

/** A program that listens for the container ends when it sees that the container has: a moment later. */
const isClosedSoon = (from: Netns | undefined, port: number, listener: Listening | undefined): boolean => {
  const deadline = Date.now() + WAIT()
  while (inside(from, () => reachesTcp(HOST, port, 300))) {
    if (Date.now() > deadline) return false
    // Or its queue would be full, which looks from here as if the port were closed.
    listener?.accept(0)
  }
  return true
}
