import { type MessagePort, parentPort } from 'node:worker_threads'
import { Growth } from './growth.ts'
import { type Order, type Report, toFailure } from './messages.ts'
import { type UnpackJob, unpackFile } from './unpack-file.ts'

/** The main module of a thread that unpacks. */
const serve = (port: MessagePort): void => {
  const report = (message: Report): void => port.postMessage(message)
  let growth = new Growth()
  const unpack = async (job: UnpackJob): Promise<void> => {
    growth = new Growth()
    try {
      const unpacked = await unpackFile(job, growth, (text) => report({ kind: 'warning', text }))
      report({ kind: 'done', unpacked })
    } catch (error) {
      report({ kind: 'failed', failure: toFailure(error) })
    }
  }
  port.on('message', (order: Order) => {
    if (order.kind === 'unpack') void unpack(order.job)
    else if (order.kind === 'reach') growth.reach(order.bytes)
    // The reason stays with whoever gives it.
    else growth.giveUp(new Error('given up'))
  })
}

if (parentPort === null) throw new Error('unpack-worker is a thread of another program')
serve(parentPort)
