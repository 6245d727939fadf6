import { builtinDrivers } from '@rt/drivers'
import { createRuntime, type RunningContainer } from '@rt/runtime'

export interface Server extends AsyncDisposable {
  readonly url: string
  readonly container: RunningContainer
}

/** A web server in a container, at a port that nobody else has; resolves when it answers. */
export const startServer = async (): Promise<Server> => {
  const rt = await createRuntime({ drivers: builtinDrivers })
  const container = await rt.run({
    image: 'busybox',
    command: ['sh', '-c', 'mkdir /www && echo "it works" > /www/index.html && exec httpd -f -vv -p 80 -h /www'],
    network: 'bridge',
    publish: ['127.0.0.1::80'],
    stdout: 'ignore',
    stderr: 'ignore',
  })
  const url = `http://127.0.0.1:${container.port(80)}`
  await answers(url, container)
  return { url, container, [Symbol.asyncDispose]: () => container[Symbol.asyncDispose]() }
}

/** No event tells when a server listens; that it will not, its end does. */
const answers = async (url: string, container: RunningContainer): Promise<void> => {
  for (;;) {
    try {
      await fetch(url)
      return
    } catch (error) {
      const { state } = await container.inspect()
      if (state.status !== 'running') throw new Error('the server ended before it answered', { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
