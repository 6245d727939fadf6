import { describe, expect, it } from 'vitest'
import { failedExec } from './failed.ts'

const [ESRCH, EINVAL, EACCES] = [3, 22, 13]

describe('why a program could not be run in a container', () => {
  const steps = JSON.stringify([{ op: 'process.exec' }])
  const failed = (step: string, errno: number) => failedExec('box', steps, { step, errno, detail: 'x' })

  it('the container has ended meanwhile', () => {
    expect(failed('-5', ESRCH)).toMatchObject({ code: 'RT_CONTAINER_NOT_RUNNING' })
  })

  it('a kernel whose setns takes no process descriptor', () => {
    const error = failed('-5', EINVAL)
    expect(error).toMatchObject({ code: 'RT_STEP_FAILED', exitCode: 126 })
    expect(error.message).toMatch(/cannot bring a program into the namespaces of box/)
    expect(error.remedy).toMatch(/Linux 5\.8/)
  })

  it('any other reason is named', () => {
    expect(failed('-5', EACCES).message).toMatch(/enter the container/)
  })
})
