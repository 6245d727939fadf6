import { describe, expect, test } from 'vitest'
import { mountOf } from './bind-source.ts'
import { parseMountFlag } from './mount-flag.ts'
import { parseTmpfsFlag } from './tmpfs-flag.ts'
import { parseVolumeFlag } from './volume-flag.ts'

const usage = (says: RegExp, code = 'RT_USAGE') =>
  expect.objectContaining({ code, message: expect.stringMatching(says) })

describe('-v', () => {
  const bind = { type: 'bind', readonly: false, make: true, by: 'volume', mode: '' }
  const volume = { type: 'volume', readonly: false, fill: true, by: 'volume', mode: '' }

  test.each([
    ['/a:/b', { ...bind, source: '/a', destination: '/b' }],
    ['/a:/b:ro', { ...bind, source: '/a', destination: '/b', readonly: true, mode: 'ro' }],
    ['/a:/b:rw', { ...bind, source: '/a', destination: '/b', mode: 'rw' }],
    ['/a:/b:ro,z', { ...bind, source: '/a', destination: '/b', readonly: true, mode: 'ro,z' }],
    ['/a:/b:rslave', { ...bind, source: '/a', destination: '/b', propagation: 'rslave', mode: 'rslave' }],
    ['/a/../c:/b/./d/', { ...bind, source: '/c', destination: '/b/d' }],
    ['/:/host', { ...bind, source: '/', destination: '/host' }],
    ['./x:/b', { ...bind, source: '/home/me/x', destination: '/b' }],
    ['..:/b', { ...bind, source: '/home', destination: '/b' }],
    ['data:/b', { ...volume, name: 'data', destination: '/b' }],
    ['data:/b:ro', { ...volume, name: 'data', destination: '/b', readonly: true, mode: 'ro' }],
    ['/b/', { ...volume, anonymous: true, destination: '/b' }],
  ])('%s', (given, expected) => expect(parseVolumeFlag(given, '/home/me')).toEqual(expected))

  test('nocopy', () => expect(parseVolumeFlag('data:/b:nocopy', '/')).not.toHaveProperty('fill'))

  test.each([
    ['data', /must be absolute/],
    ['', /must be absolute/],
    [':/b', /host path or volume is empty/],
    ['/a:b', /in the container must be absolute/],
    ['/a:', /in the container must be absolute/],
    ['/a:/', /cannot be "\/"/],
    ['/a:/x/..', /cannot be "\/"/],
    ['/a:/b:ro:rw', /too many colons/],
    ['/a:/b:r', /no option "r"/],
    ['/a:/b:rshraed', /no option "rshraed". Did you mean "rshared"\?/],
    ['/a:/b:ro,', /option is empty/],
    ['/a:/b:ro,rw', /contradict/],
    ['/a:/b:slave,rshared', /contradict/],
    ['/a:/b:nocopy', /"nocopy" is for volumes/],
    ['data:/b:rshared', /a volume has no propagation/],
  ])('refuses %s', (given, says) => expect(() => parseVolumeFlag(given, '/')).toThrow(usage(says)))

  test.each(['a', 'a:b/c', '-x', 'd/e'])('refuses a volume called %s', (name) => {
    expect(() => parseVolumeFlag(`${name.split(':')[0]}:/b`, '/')).toThrow(
      usage(/not a valid volume name/, 'RT_VOLUME_NAME_INVALID'),
    )
  })
})

describe('--mount', () => {
  const shared = { destination: '/b', readonly: false, by: 'mount', mode: '' }

  test.each([
    ['dst=/b', { ...shared, type: 'volume', anonymous: true, fill: true }],
    ['type=volume,src=data,target=/b,ro', { ...shared, type: 'volume', name: 'data', fill: true, readonly: true }],
    ['source=data,destination=/b,volume-nocopy=true', { ...shared, type: 'volume', name: 'data' }],
    ['src=data,dst=/b,volume-subpath=a/./b', { ...shared, type: 'volume', name: 'data', subpath: 'a/b' }],
    [
      'src=data,dst=/b,volume-label=a=1,volume-label=b',
      { ...shared, type: 'volume', name: 'data', fill: true, labels: { a: '1', b: '' } },
    ],
    ['type=bind,src=/a,dst=/b,readonly=false', { ...shared, type: 'bind', source: '/a' }],
    ['type=bind,src=./a,dst=/b,readonly', { ...shared, type: 'bind', source: '/home/me/a', readonly: true }],
    [
      'type=bind,src=/a,dst=/b,bind-propagation=shared',
      { ...shared, type: 'bind', source: '/a', propagation: 'shared' },
    ],
    ['type=bind,src=/a,dst=/b,bind-nonrecursive', { ...shared, type: 'bind', source: '/a', recursive: 'disabled' }],
    [
      'type=bind,src=/a,dst=/b,ro,bind-recursive=writable',
      { ...shared, type: 'bind', source: '/a', readonly: true, recursive: 'writable' },
    ],
    ['type=bind,"src=/a,""b""",dst=/b', { ...shared, type: 'bind', source: '/a,"b"' }],
    [
      'type=tmpfs,dst=/b',
      { ...shared, type: 'tmpfs', source: '', options: ['noexec', 'nosuid', 'nodev', 'mode=1777'] },
    ],
    [
      'type=tmpfs,dst=/b,tmpfs-size=1m,tmpfs-mode=0700',
      { ...shared, type: 'tmpfs', source: '', options: ['noexec', 'nosuid', 'nodev', 'size=1048576', 'mode=0700'] },
    ],
  ])('%s', (given, expected) => expect(parseMountFlag(given, '/home/me')).toEqual(expected))

  test.each([
    ['', /option is empty/],
    ['type=bind,', /option is empty/],
    ['type=bnid,src=/a,dst=/b', /no type "bnid". Did you mean "bind"\?/],
    ['type=bind,soruce=/a,dst=/b', /no option "soruce". Did you mean "source"\?/],
    ['type=bind,src,dst=/b', /"src" wants a value/],
    ['type=bind,src=/a', /target is missing/],
    ['type=bind,src=/a,dst=b', /must be absolute/],
    ['type=bind,dst=/b', /wants a source/],
    ['type=bind,src=a,dst=/b', /"a" is not an absolute path/],
    ['type=bind,src=/a,dst=/b,ro=maybe', /true or false, not "maybe"/],
    ['type=bind,src=/a,dst=/b,bind-propagation=slaev', /no propagation "slaev". Did you mean "slave"\?/],
    ['type=bind,src=/a,dst=/b,bind-recursive=readonly', /this one is not/],
    ['type=bind,src=/a,dst=/b,volume-nocopy', /for mounts of type volume, and this one is of type bind/],
    ['type=volume,src=/a,dst=/b', /a path of the host/],
    ['src=data,dst=/b,volume-subpath=../x', /not a path below the volume/],
    ['type=tmpfs,src=/a,dst=/b', /a tmpfs has no source/],
    ['type=tmpfs,dst=/b,tmpfs-size=big', /not a size/],
    ['type=tmpfs,dst=/b,tmpfs-mode=888', /not a file mode/],
    ['type=bind,"src=/a,dst=/b', /double quote is not closed/],
  ])('refuses %s', (given, says) => expect(() => parseMountFlag(given, '/')).toThrow(usage(says)))

  test.each(['volume-driver=nfs', 'volume-opt=size=1m'])('refuses %s', (option) => {
    expect(() => parseMountFlag(`src=data,dst=/b,${option}`, '/')).toThrow(
      expect.objectContaining({ code: 'RT_VOLUME_DRIVER' }),
    )
  })
})

describe('--tmpfs', () => {
  test.each([
    ['/run', ['noexec', 'nosuid', 'nodev']],
    ['/run:size=64m,mode=1777', ['noexec', 'nosuid', 'nodev', 'size=64m', 'mode=1777']],
    ['/run:exec', ['nosuid', 'nodev', 'exec']],
    ['/run:rw,suid,dev,exec', ['rw', 'suid', 'dev', 'exec']],
    ['/run:ro', ['noexec', 'nosuid', 'nodev', 'ro']],
  ])('%s', (given, options) => {
    expect(parseTmpfsFlag(given)).toMatchObject({ type: 'tmpfs', destination: '/run', options })
  })

  test.each([
    ['run', /must be absolute/],
    ['/', /cannot be "\/"/],
    ['/run:sise=1m', /no option "sise=1m"/],
    ['/run:size', /no option "size"/],
    ['/run:', /option is empty/],
  ])('refuses %s', (given, says) => expect(() => parseTmpfsFlag(given)).toThrow(usage(says)))
})

test('the mount that a path lies on is the last of the innermost ones', () => {
  const info = [
    '1 0 8:1 / / rw - ext4 /dev/a rw',
    '2 1 8:2 / /a rw shared:7 - ext4 /dev/b rw',
    '3 2 8:3 / /a/b\\040c rw master:7 - ext4 /dev/c rw',
    '4 1 8:4 / /a rw shared:8 master:9 - ext4 /dev/d rw',
  ].join('\n')
  expect(mountOf('/ab', info)).toEqual({ point: '/', words: '' })
  expect(mountOf('/a/b', info)).toEqual({ point: '/a', words: 'shared:8 master:9' })
  expect(mountOf('/a/b c/d', info)).toEqual({ point: '/a/b c', words: 'master:7' })
})
