import { answerProblem, type OciProcess } from '@rt/driver-api'
import { closeFd, compileEnterPlan, pidfdOpen, StartFailure, spawnEntering, spawnExec } from '@rt/native'
import { expectSame, hostState } from '../bench/scratch.ts'
import { ensure } from '../check.ts'
import { type IsolationBench, specOf } from './bench.ts'
import { namedFailure, type RunByShim, type Running, Said } from './shim.ts'

/**
 * Runs a further program in a container as `rt exec` does. The program has a line of input when `look` has seen it.
 *
 * @param wanted of its process, where it is not to be the container's own
 * @throws Error where it does not start
 */
export const enterByShim = async (
  bench: IsolationBench,
  running: Running,
  wanted: Partial<OciProcess> & Pick<OciProcess, 'args'>,
  look: (pid: number) => void = () => {},
): Promise<RunByShim> => {
  const spec = specOf(running.container, wanted.args)
  const before = await hostState()
  const plan = await bench.driver().enter?.({
    container: { id: running.container.id },
    spec,
    process: { ...spec.process, ...wanted },
  })
  const problem = answerProblem('isolation', 'enter', plan)
  ensure(plan !== undefined && problem === undefined, `the answer to enter ${problem}`)
  await expectSame(before, 'after enter')
  const { cgroups = [], sandbox = [] } = plan ?? {}
  const pidfd = pidfdOpen(running.pid)
  if (pidfd === undefined) throw new Error('the container has ended')
  try {
    const streams = { tty: false, stdin: true, stdout: 'pipe', stderr: 'pipe' } as const
    const compiled = compileEnterPlan({
      ...{ pid: running.pid, stdin: 'inherit', detach: false, detachKeys: new Uint8Array(), onFailure: [] },
      sandbox,
    })
    const front = spawnExec(compiled, spawnEntering(cgroups, streams), pidfd, streams)
    const [out, err] = [new Said(front.stdout), new Said(front.stderr)]
    try {
      look(
        await front.started.catch((error: unknown) => {
          throw error instanceof StartFailure ? namedFailure(error, sandbox) : error
        }),
      )
    } finally {
      front.stdin?.end('go\n')
      await Promise.all([out.end, err.end])
    }
    const { exitCode, signal } = await front.ended
    return { code: signal === 0 ? exitCode : undefined, stdout: out.text, stderr: err.text }
  } finally {
    closeFd(pidfd)
  }
}
