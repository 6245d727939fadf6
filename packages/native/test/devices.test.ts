import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmdirSync, statfsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deviceProgram } from '../src/ebpf/device-program.ts'
import { performSteps } from '../src/index.ts'
import { isRoot } from './world/in-netns.ts'

/** A small interpreter of the opcodes that the program uses: [type, access, major, minor] to the answer. */
const run = (program: Buffer, type: number, access: number, major: number, minor: number): number => {
  const context = [(access << 16) | type, major, minor]
  const register = new Array<number>(10).fill(0)
  for (let at = 0; ; at += 1) {
    const instruction = program.subarray(at * 8, at * 8 + 8)
    const [to, from] = [(instruction[1] ?? 0) & 15, (instruction[1] ?? 0) >> 4]
    const [offset, immediate] = [instruction.readInt16LE(2), instruction.readInt32LE(4)]
    const [target, source] = [register[to] ?? 0, register[from] ?? 0]
    if (instruction[0] === 0x61) register[to] = context[offset / 4] ?? 0
    else if (instruction[0] === 0xbc) register[to] = source
    else if (instruction[0] === 0xb7) register[to] = immediate
    else if (instruction[0] === 0x54) register[to] = target & immediate
    else if (instruction[0] === 0x74) register[to] = target >>> immediate
    else if (instruction[0] === 0x55) at += target === immediate ? 0 : offset
    else if (instruction[0] === 0x5d) at += target === source ? 0 : offset
    else if (instruction[0] === 0x95) return register[0] ?? -1
    else throw new Error(`opcode ${instruction[0]}`)
  }
}

const [BLOCK, CHAR, MKNOD, READ, WRITE] = [1, 2, 1, 2, 4]

describe('the program of a device list', () => {
  const program = deviceProgram(['c *:* m', 'b *:* m', 'c 1:3 rwm', 'c 136:* rw', 'c 10:200 r'])

  it.each([
    ['mknod of anything', CHAR, MKNOD, 99, 99, 1],
    ['mknod of a block device', BLOCK, MKNOD, 8, 0, 1],
    ['reading and writing /dev/null', CHAR, READ | WRITE, 1, 3, 1],
    ['a block device of the same number', BLOCK, READ, 1, 3, 0],
    ['another minor', CHAR, READ, 1, 5, 0],
    ['any terminal', CHAR, READ | WRITE, 136, 77, 1],
    ['reading where only reading is allowed', CHAR, READ, 10, 200, 1],
    ['writing where only reading is allowed', CHAR, WRITE, 10, 200, 0],
    ['reading and writing where only reading is allowed', CHAR, READ | WRITE, 10, 200, 0],
    ['a disk', BLOCK, READ, 8, 0, 0],
  ])('%s', (_what, type, access, major, minor, answer) => {
    expect(run(program, type, access, major, minor)).toBe(answer)
  })

  it('denies everything without rules and allows everything by a', () => {
    expect(run(deviceProgram([]), CHAR, READ, 1, 3)).toBe(0)
    expect(run(deviceProgram(['a']), BLOCK, WRITE, 8, 0)).toBe(1)
    expect(deviceProgram(['a', 'c 1:3 rwm'])).toEqual(deviceProgram(['a']))
  })

  it('refuses what is no rule', () => {
    expect(() => deviceProgram(['c 1 rwm'])).toThrow('not a device rule')
    expect(() => deviceProgram(['x 1:3 rwm'])).toThrow('not a device rule')
  })
})

const CGROUP2 = 0x63677270
const root = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find(
  (path) => existsSync(path) && statfsSync(path).type === CGROUP2,
)

describe.skipIf(!isRoot || root === undefined)('a v2 cgroup with device rules (needs root and cgroup v2)', () => {
  it.each([
    [['c 1:3 rwm'], '/dev/null', true],
    [['c 1:3 rwm'], '/dev/zero', false],
    [['c 1:5 r', 'a'], '/dev/zero', true],
    [[], '/dev/null', false],
  ])('with %j opening %s works: %s', (allow, device, works) => {
    const path = mkdtempSync(`${root}/rt-test-`)
    try {
      performSteps([{ op: 'cgroup.devices', where: 'host', path, allow, why: 'test' }])
      const script = `echo $$ > ${path}/cgroup.procs && exec 3< "$0"`
      const { status, stderr } = spawnSync('sh', ['-c', script, device], {
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      expect({ works: status === 0, stderr }).toEqual({
        works,
        stderr: works ? '' : expect.stringContaining('Operation not permitted'),
      })
    } finally {
      rmdirSync(path)
    }
  })
})
