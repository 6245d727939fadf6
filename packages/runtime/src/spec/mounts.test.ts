import { describe, expect, test } from 'vitest'
import { parseBind, parseTmpfs } from './binds.ts'
import { containerMounts } from './mounts.ts'

const usage = (says: RegExp) => expect.objectContaining({ code: 'RT_USAGE', message: expect.stringMatching(says) })

describe('-v', () => {
  test.each([
    ['/a:/b', { source: '/a', destination: '/b', options: ['rbind', 'rprivate'] }],
    ['/a:/b:ro', { source: '/a', destination: '/b', options: ['rbind', 'rprivate', 'ro'] }],
    ['/a:/b:rw', { source: '/a', destination: '/b', options: ['rbind', 'rprivate', 'rw'] }],
    ['/a:/b:ro,z', { source: '/a', destination: '/b', options: ['rbind', 'rprivate', 'ro'] }],
    ['/a:/b:Z,cached', { source: '/a', destination: '/b', options: ['rbind', 'rprivate'] }],
    ['/a/../c:/b/./d/', { source: '/c', destination: '/b/d', options: ['rbind', 'rprivate'] }],
    ['/:/host', { source: '/', destination: '/host', options: ['rbind', 'rprivate'] }],
  ])('%s', (given, expected) => expect(parseBind(given)).toEqual({ type: 'bind', ...expected }))

  test.each([
    ['/data', /anonymous volumes/],
    ['data:/data', /named volumes are not supported yet/],
    ['./data:/data', /must be absolute/],
    [':/b', /host path is empty/],
    ['/a:b', /in the container must be absolute/],
    ['/a:', /in the container must be absolute/],
    ['/a:/', /cannot be "\/"/],
    ['/a:/x/..', /cannot be "\/"/],
    ['/a:/b:ro:rw', /too many colons/],
    ['/a:/b:r', /no option "r"/],
    ['/a:/b:ro,rw', /contradict/],
    ['/a:/b:rshared', /propagation "rshared" is not supported yet/],
  ])('refuses %s', (given, says) => expect(() => parseBind(given)).toThrow(usage(says)))

  test('a relative path comes with the absolute one to write', () => {
    expect(() => parseBind('./data:/d')).toThrow(expect.objectContaining({ remedy: 'Write -v "$PWD/data:/d".' }))
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
    expect(parseTmpfs(given)).toEqual({ type: 'tmpfs', source: 'tmpfs', destination: '/run', options })
  })

  test.each([
    ['run', /must be absolute/],
    ['/', /cannot be "\/"/],
    ['/run:sise=1m', /no option "sise=1m"/],
    ['/run:size', /no option "size"/],
    ['/run:', /option is empty/],
  ])('refuses %s', (given, says) => expect(() => parseTmpfs(given)).toThrow(usage(says)))
})

describe('the order of mounts', () => {
  const destinations = (user: string[], files: string[] = []) =>
    containerMounts(
      user.map((given) => parseBind(given)),
      files.map((destination) => ({ source: `/files${destination}`, destination })),
    ).map(({ destination }) => destination)
  const defaults = ['/proc', '/dev', '/dev/pts', '/sys', '/sys/fs/cgroup', '/dev/mqueue', '/dev/shm']

  test('the defaults', () => expect(destinations([])).toEqual(defaults))
  test('the user comes after them, outer before inner, otherwise as given', () => {
    expect(destinations(['/x:/b/c', '/x:/b', '/x:/a'])).toEqual([...defaults, '/b', '/a', '/b/c'])
  })
  test("rt's files lie over a directory of the user's", () => {
    expect(destinations(['/x:/etc'], ['/etc/hosts'])).toEqual([...defaults, '/etc', '/etc/hosts'])
  })
  test("the user's own file wins over rt's", () => {
    const mounts = containerMounts([parseBind('/x:/etc/hosts')], [{ source: '/y', destination: '/etc/hosts' }])
    expect(mounts.filter(({ destination }) => destination === '/etc/hosts')).toMatchObject([{ source: '/x' }])
  })
  test('the user may replace a default', () => {
    expect(destinations(['/x:/dev/shm'])).toEqual([...defaults.filter((path) => path !== '/dev/shm'), '/dev/shm'])
  })
  test("the user's own /dev is left alone", () => {
    expect(destinations(['/dev:/dev'])).toEqual(['/proc', '/sys', '/sys/fs/cgroup', '/dev'])
  })
  test('two for one place are refused', () => {
    expect(() => destinations(['/x:/a', '/y:/a/'])).toThrow(usage(/Two mounts were given for \/a/))
  })
})
