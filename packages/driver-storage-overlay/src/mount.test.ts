import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SandboxStep, StorageRequest } from '@rt/driver-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planOverlay } from './plan.ts'

/** The plan's own mounts, done by mount(8) in a mount namespace that ends with the shell. */
const shell = (steps: readonly SandboxStep[], then: string): { status: number | null; stdout: string } => {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
  const lines = steps.map((step) => {
    if (step.op === 'mounted.mkdir') return `mkdir ${quote(step.path)}`
    if (step.op !== 'mount') throw new Error(`unexpected step ${step.op}`)
    const from = step.from === undefined ? '' : `cd ${quote(step.from)}; `
    if (step.flags.includes('bind')) return `mount --bind ${quote(step.source)} ${quote(step.target)}`
    // Not mount(8): it rewrites option text, and its newer versions do not use mount(2), whose limits are tested here.
    return `(${from}python3 -c 'import ctypes,sys,os
a=[x.encode() for x in sys.argv[1:]]
r=ctypes.CDLL(None,use_errno=True).mount(a[0],a[1],a[2],0,a[3])
sys.exit(r and os.strerror(ctypes.get_errno()))' ${[step.source, step.target, step.type ?? '', step.data ?? ''].map(quote).join(' ')})`
  })
  const script = ['set -e', 'mount --make-rprivate /', ...lines, then].join('\n')
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'bash', '-c', script], { encoding: 'utf8' })
  return { status, stdout: stdout + stderr }
}

describe.skipIf(process.geteuid?.() !== 0)('overlay mounts (needs root)', () => {
  let base: string

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'rt-overlay-'))
  })
  afterEach(() => rmSync(base, { recursive: true, force: true }))

  const layer = (name: string, files: Record<string, string>): string => {
    const path = join(base, name)
    mkdirSync(path, { recursive: true })
    for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content)
    return path
  }

  const mounts = (directory: string, layers: readonly string[]): readonly SandboxStep[] => {
    const request: StorageRequest = {
      container: { id: 'a'.repeat(64), name: 'web', hostname: 'web' },
      layers: layers as unknown as [string, ...string[]],
      directory,
      rootMountPoint: join(base, 'root'),
    }
    mkdirSync(request.rootMountPoint, { recursive: true })
    const plan = planOverlay(request, { fileSystem: 'ext4', rootMode: 0o755 })
    for (const step of plan.enter) if (step.op === 'dir.make') mkdirSync(step.path, { recursive: true })
    return plan.mounts
  }

  it('works with separators in every path and writes above only', () => {
    const steps = mounts(join(base, 'co,nt:ain\\er'), [
      layer('t,o:p\\', { a: 'top' }),
      layer('low', { a: 'low', b: 'b' }),
    ])
    const result = shell(steps, `cd '${base}/root'; cat a b; echo new > c; rm b; ls`)
    expect(result).toEqual({ status: 0, stdout: 'topba\nc\n' })
    expect(readdirSync(join(base, 'low')).sort()).toEqual(['a', 'b'])
    expect(readdirSync(join(base, 'co,nt:ain\\er/upper')).sort()).toEqual(['b', 'c'])
  })

  it('takes an image that has one layer twice', () => {
    const empty = layer('empty', {})
    expect(shell(mounts(join(base, 'c'), [empty, layer('l', { a: 'a' }), empty]), `cat '${base}/root/a'`)).toEqual({
      status: 0,
      stdout: 'a',
    })
  })

  it('stacks 128 layers with long names, in order', () => {
    const layers = Array.from({ length: 128 }, (_, index) =>
      layer(`${String(index).padStart(64, 'x')}`, { [`f${index}`]: '', which: String(index) }),
    )
    const steps = mounts(join(base, 'c'), layers)
    expect(steps.length).toBe(258)
    const result = shell(
      steps,
      `cd '${base}/root'; ls | wc -l; cat which; cd /; umount '${base}/root'; ls '${base}/root'/127`,
    )
    expect(result).toEqual({ status: 0, stdout: '129\n0f127\nwhich\n' })
  })

  it('stacks 50 layers of one directory by their names in it, without a mount for each', () => {
    const layers = Array.from({ length: 50 }, (_, index) =>
      layer(`${String(index).padStart(64, 'x')}`, { which: String(index) }),
    )
    const steps = mounts(join(base, 'c'), layers)
    expect(steps).toMatchObject([{ op: 'mount', type: 'overlay', from: base }])
    expect(shell(steps, `cat '${base}/root/which'`)).toEqual({ status: 0, stdout: '0' })
  })
})
