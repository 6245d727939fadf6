import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as fsat from '../src/fsat.ts'
import {
  errnoName,
  errnoText,
  errorCode,
  fileSystemType,
  isLocked,
  kill,
  lock,
  pidfdOpen,
  pidfdSendSignal,
  setCloseOnExec,
  sightLock,
  tryLock,
} from '../src/index.ts'
import { isRoot } from './world/in-netns.ts'

let directory = ''
let fd = -1
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rt-test-'))
  fd = openSync(directory, 'r')
})
afterEach(() => {
  closeSync(fd)
  rmSync(directory, { recursive: true })
})

const failure = (action: () => unknown): string | undefined => {
  try {
    action()
  } catch (error) {
    return errorCode(error)
  }
  return undefined
}

describe('two that change places', () => {
  it('are both there, whatever they are', () => {
    const [one, other] = [join(directory, 'one'), join(directory, 'other')]
    mkdirSync(one)
    symlinkSync('nowhere', other)
    expect(fsat.exchange(one, other)).toBe(true)
    expect(readlinkSync(one)).toBe('nowhere')
    expect(lstatSync(other).isDirectory()).toBe(true)
    expect(failure(() => fsat.exchange(one, join(directory, 'missing')))).toBe('ENOENT')
    expect(readlinkSync(one)).toBe('nowhere')
  })

  it('stay where they are on different file systems', () => {
    expect(fsat.exchange(directory, '/proc/self')).toBe(false)
  })
})

describe('errno', () => {
  it('has a name and a text', () => {
    expect([errnoName(2), errnoName(11), errnoName(95), errnoName(9999)]).toEqual([
      'ENOENT',
      'EAGAIN',
      'EOPNOTSUPP',
      'E9999',
    ])
    expect(errnoText(28)).toBe('No space left on device')
    expect(errorCode({ code: 'RT_USAGE' })).toBeUndefined()
    expect(errorCode({ code: 'ENOTSUP' })).toBe('EOPNOTSUPP')
  })
})

describe('locks', () => {
  it('exclude, can be tested without being taken, and end with release', () => {
    const path = join(directory, 'lock')
    expect(isLocked(path)).toBe(false)
    const held = tryLock(path)
    expect(held?.fd).toBeGreaterThan(2)
    expect(tryLock(path)).toBeUndefined()
    expect([isLocked(path), isLocked(path)]).toEqual([true, true])
    held?.release()
    expect(isLocked(path)).toBe(false)
    lock(path).release()
  })

  it('lives on in a program that inherits the fd', () => {
    const path = join(directory, 'lock')
    const held = tryLock(path)
    const heirs = ['inherit', 'ignore', 'ignore', held?.fd ?? -1] as const
    const child = spawnSync('sh', ['-c', 'sleep 30 > /dev/null & echo $!'], {
      stdio: ['ignore', 'pipe', 'ignore', heirs[3]],
    })
    const heir = Number(child.stdout.toString())
    held?.release()
    expect(isLocked(path)).toBe(true)
    const pidfd = pidfdOpen(heir) ?? -1
    pidfdSendSignal(pidfd, 'SIGKILL')
    closeSync(pidfd)
    lock(path).release()
  })

  it('is taken anew on the new file when the locked one was removed', () => {
    const path = join(directory, 'lock')
    const old = tryLock(path)
    unlinkSync(path)
    const fresh = tryLock(path)
    expect(fresh).toBeDefined()
    expect(isLocked(path)).toBe(true)
    old?.release()
    fresh?.release()
  })

  it('are seen of one file: neither when it has gone, nor as that of the next one of its name', () => {
    const path = join(directory, 'lock')
    expect(sightLock(path)).toBeUndefined()
    const old = tryLock(path)
    const sight = sightLock(path)
    expect(sight?.isHeld()).toBe(true)
    unlinkSync(path)
    const fresh = tryLock(path)
    expect(sight?.isHeld()).toBe(false)
    old?.release()
    fresh?.release()
    sight?.close()
  })

  it('can be kept through execve', () => {
    const held = lock(join(directory, 'lock'))
    const flags = () =>
      Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${held.fd}`, 'utf8'))?.[1] ?? '', 8)
    expect(flags() & 0o2000000).not.toBe(0)
    setCloseOnExec(held.fd, false)
    expect(flags() & 0o2000000).toBe(0)
    held.release()
  })
})

describe('processes', () => {
  it('are asked for without an error when they are gone', () => {
    expect(kill(process.pid, 0)).toBe(true)
    const { pid } = spawnSync('true')
    expect([kill(pid, 0), pidfdOpen(pid)]).toEqual([false, undefined])
  })
})

describe('files below a directory fd', () => {
  const beneath = fsat.RESOLVE_BENEATH | fsat.RESOLVE_NO_SYMLINKS | fsat.RESOLVE_NO_MAGICLINKS

  it('never leave it', () => {
    fsat.symlinkat('/etc', fd, 'link')
    fsat.mkdirat(fd, 'dir', 0o755)
    const open = (path: string) =>
      failure(() => closeSync(fsat.openat2(fd, path, { flags: constants.O_RDONLY, resolve: beneath })))
    expect(open('dir')).toBeUndefined()
    expect(open('link/passwd')).toMatch(/ELOOP|EXDEV/)
    expect(open('../x')).toBe('EXDEV')
    expect(open('/etc/passwd')).toBe('EXDEV')
    expect(failure(() => fsat.mkdirat(fd, 'a\0b', 0o755))).toBe('EINVAL')
  })

  it('keep bytes that are not UTF-8, times to the nanosecond and before 1970', () => {
    const name = Buffer.from([0x66, 0xff])
    closeSync(fsat.openat2(fd, name, { flags: constants.O_CREAT | constants.O_WRONLY, mode: 0o640, resolve: beneath }))
    fsat.utimensat(fd, name, -1_500_000_001n, 1_234_567_890_123_456_789n)
    const path = Buffer.concat([Buffer.from(`${directory}/`), name])
    const { mtimeNs, atimeNs, mode } = lstatSync(path, { bigint: true })
    expect([atimeNs, mtimeNs, Number(mode) & 0o777]).toEqual([-1_500_000_001n, 1_234_567_890_123_456_789n, 0o640])
  })

  it('link, rename and remove', () => {
    closeSync(fsat.openat2(fd, 'one', { flags: constants.O_CREAT | constants.O_WRONLY, mode: 0o600 }))
    fsat.linkat(fd, 'one', fd, 'two')
    expect(lstatSync(join(directory, 'two')).nlink).toBe(2)
    fsat.renameat(fd, 'two', fd, 'three')
    fsat.unlinkat(fd, 'one')
    fsat.mkdirat(fd, 'dir', 0o700)
    fsat.fchmodat(fd, 'dir', 0o1777)
    expect(lstatSync(join(directory, 'dir')).mode & 0o7777).toBe(0o1777)
    fsat.unlinkat(fd, 'dir', fsat.AT_REMOVEDIR)
    expect(lstatSync(join(directory, 'three')).nlink).toBe(1)
  })

  it.skipIf(!isRoot)('make devices, owners and attributes (needs root)', () => {
    fsat.mknodat(fd, 'device', constants.S_IFCHR | 0o600, 300, 70000)
    const { rdev } = lstatSync(join(directory, 'device'), { bigint: true })
    expect(rdev).toBe(fsat.deviceNumber(300, 70000))
    fsat.symlinkat('nowhere', fd, 'link')
    fsat.fchownat(fd, 'link', 7, 8)
    expect(lstatSync(join(directory, 'link'))).toMatchObject({ uid: 7, gid: 8 })
    fsat.mkdirat(fd, 'dir', 0o755)
    const path = fsat.pathAt(fd, 'dir')
    fsat.lsetxattr(path, 'trusted.rt', Buffer.from('value'))
    expect(fsat.lgetxattr(path, 'trusted.rt')?.toString()).toBe('value')
    expect(fsat.llistxattr(path)).toContain('trusted.rt')
    expect(fsat.lgetxattr(path, 'user.missing')).toBeUndefined()
  })
})

describe('the type of a file system', () => {
  it('is named', () => {
    expect(fileSystemType('/proc')).toBe('proc')
    expect(fileSystemType(directory)).toMatch(/^[a-z0-9]+$/)
  })
})
