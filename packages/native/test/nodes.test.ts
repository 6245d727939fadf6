import { execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as fsat from '../src/fsat.ts'
import { processStartTime } from '../src/sys/end-process.ts'

const isRoot = process.getuid?.() === 0
let base = ''
const at = (path: string): string => join(base, path)
const open = (path: string): number => openSync(at(path), fsat.O_PATH | constants.O_DIRECTORY)
const read = (root: number, path: string): string => {
  const fd = fsat.openat2(root, path, { flags: constants.O_RDONLY, resolve: fsat.RESOLVE_IN_ROOT })
  try {
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

describe.skipIf(!isRoot)('nodes (needs root: owners, mounts)', () => {
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'rt-nodes-'))
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it('are changed themselves, whatever has their name by then', () => {
    writeFileSync(at('file'), 'x')
    writeFileSync(at('other'), 'x')
    symlinkSync('other', at('link'))
    const directory = open('.')
    const link = fsat.openNode(directory, 'link') as number
    const file = fsat.openNode(directory, 'file') as number
    rmSync(at('file'))
    symlinkSync('other', at('file'))
    fsat.chownNode(file, 1, 2)
    fsat.chownNode(link, 3, 4)
    fsat.touchNode(link, 1_500_000_001n)
    fsat.setNodeAttribute(link, 'trusted.note', Buffer.from([0, 255]))
    expect([fstatSync(file).uid, fstatSync(link).gid, fstatSync(link, { bigint: true }).mtimeNs]).toEqual([
      1,
      4,
      1_500_000_001n,
    ])
    expect(fsat.nodeAttribute(link, 'trusted.note')).toEqual(Buffer.from([0, 255]))
    expect(fsat.nodeAttributes(link)).toContain('trusted.note')
    expect(fsat.linkTarget(link)).toBe('other')
    expect(execFileSync('stat', ['-c', '%u', at('other')], { encoding: 'utf8' })).toBe('0\n')
    expect(fsat.nodeAttribute(file, 'trusted.note')).toBeUndefined()
    expect(fsat.openNode(directory, 'none')).toBeUndefined()
    expect(() => fsat.openNode(directory, '../etc')).toThrow()
    expect(fsat.namesOf(directory)).toEqual(['file', 'link', 'other'])
    for (const fd of [directory, link, file]) closeSync(fd)
  })

  it('tell where a file has data', () => {
    execFileSync(
      'bash',
      [
        '-c',
        'truncate -s 10M sparse; printf x | dd of=sparse bs=1M seek=4 conv=notrunc status=none; truncate -s 1M hole',
      ],
      { cwd: base },
    )
    const sparse = openSync(at('sparse'), 'r')
    const [extent, ...more] = fsat.dataExtents(sparse)
    expect(more).toEqual([])
    expect(extent?.offset).toBe(4 << 20)
    const hole = openSync(at('hole'), 'r')
    expect(fsat.dataExtents(hole)).toEqual([])
    closeSync(sparse)
    closeSync(hole)
  })

  it('an overlay without a place: merged, writable where that is wanted, seen by nobody else', () => {
    execFileSync(
      'bash',
      [
        '-euc',
        `mkdir -p low up work
      for i in $(seq 0 29); do mkdir l$i; echo $i > l$i/f$i; echo $i > l$i/same; done; echo low > low/gone; echo low > low/kept`,
      ],
      { cwd: base },
    )
    const before = readFileSync('/proc/self/mountinfo', 'utf8')
    const many = fsat.openDetachedOverlay({ lower: Array.from({ length: 30 }, (_, i) => at(`l${i}`)) })
    expect([read(many, '/f29'), read(many, '/same')]).toEqual(['29\n', '0\n'])
    expect(() => fsat.mkdirat(many, 'new', 0o755)).toThrow(expect.objectContaining({ code: 'EROFS' }))
    closeSync(many)
    const root = fsat.openDetachedOverlay({ lower: [at('low')], writable: { upper: at('up'), work: at('work') } })
    fsat.mkdirat(root, 'new', 0o755)
    fsat.unlinkat(root, 'gone')
    expect(read(root, '/kept')).toBe('low\n')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before)
    closeSync(root)
    expect(execFileSync('bash', ['-c', 'ls up low; stat -c %t:%T up/gone'], { cwd: base, encoding: 'utf8' })).toBe(
      'low:\ngone\nkept\n\nup:\ngone\nnew\n0:0\n',
    )
  })

  it("a process's root is opened with what is mounted in it, of that very process alone", async () => {
    mkdirSync(at('inner'))
    const script = `mount -t tmpfs none inner; echo seen > inner/file; echo ready; read _`
    const child = spawn('unshare', ['-m', 'bash', '-c', script], { cwd: base, stdio: ['pipe', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const pid = child.pid as number
    const root = fsat.openProcessRoot(pid, processStartTime(pid) ?? '') as number
    expect(read(root, at('inner/file'))).toBe('seen\n')
    const inner = fsat.openat2(root, at('inner'), { flags: fsat.O_PATH })
    expect(fsat.mountId(inner)).not.toBe(fsat.mountId(root))
    closeSync(inner)
    closeSync(root)
    expect(fsat.openProcessRoot(pid, '1')).toBeUndefined()
    child.stdin.end()
    await new Promise((resolve) => child.once('exit', resolve))
    expect(fsat.openProcessRoot(pid, '1')).toBeUndefined()
  })
})
