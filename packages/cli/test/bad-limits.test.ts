import { describe, expect, it } from 'vitest'
import { cannotRun, useRt } from './rt.ts'

describe.skipIf(cannotRun)('limits that cannot be', () => {
  const rt = useRt({ internet: false })
  it.each([
    [['-m', '1k'], /1024 bytes.*6 MiB/],
    [['-m', 'lots'], /"lots" is not a size/],
    [['-m', '64m', '--memory-swap=32m'], /--memory-swap.*less than --memory/],
    [['--memory-swap=64m'], /needs --memory/],
    [['-m', '64m', '--memory-reservation=65m'], /--memory-reservation.*more than --memory/],
    [['--cpus=-1'], /"-1" is not a number/],
    [['--cpus=NaN'], /"NaN" is not a number/],
    [['--cpus=0'], /0 CPUs cannot be had/],
    [['--cpus=0.001'], /0\.001 CPUs cannot be had/],
    [['--cpus=4096'], /4096 CPUs cannot be had: this machine has \d+/],
    [['--cpus=1', '--cpu-quota=10000'], /--cpus and --cpu-quota/],
    [['--cpu-quota=10'], /--cpu-quota: 10 is out of range/],
    [['--cpu-period=10'], /--cpu-period: 10 is out of range/],
    [['-c', '1'], /--cpu-shares: 1 is out of range/],
    [['--cpuset-cpus=0,4095'], /no CPU 4095/],
    [['--cpuset-cpus=1-0'], /"1-0" is not a list/],
    [['--cpuset-mems=77'], /no memory node 77/],
    [['--pids-limit=-2'], /"-2" is not a whole number/],
    [['--blkio-weight=9'], /--blkio-weight: 9 is out of range/],
    [['--device-read-bps=/dev/null:1mb'], /\/dev\/null is not a disk/],
    [['--device-write-iops=100'], /not a disk and a rate/],
    [['--device=/etc/passwd'], /\/etc\/passwd is not a device/],
    [['--device=/dev/null:/dev/x:rx'], /"rx" is not made of/],
  ])('%j', async (flags, sentence) => {
    const found = await rt().complaint(['run', '--rm', '--network=none', ...flags, 'busybox', 'true'])
    expect(found.sentence).toMatch(sentence)
    expect(found.code).toMatch(/^RT_(LIMIT_INVALID|USAGE)$/)
    expect(found.exitCode).toBe(125)
  })

  it('any other 0 is no limit, as in Docker', async () => {
    const flags = ['-m', '0', '--pids-limit=0', '--cpu-shares=0', '--cpu-quota=0', '--blkio-weight=0']
    expect(await rt().out(['run', '--rm', '--network=none', ...flags, 'busybox', 'echo', 'fine'])).toBe('fine\n')
  })
})
