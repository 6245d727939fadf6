import { describe, expect, test } from 'vitest'
import { containerMounts } from './mounts.ts'

describe('the order of mounts', () => {
  const mount = (source: string, destination: string) => ({ type: 'bind', source, destination, options: ['rbind'] })
  const destinations = (user: string[], files: string[] = []) =>
    containerMounts(
      user.map((destination) => mount('/x', destination)),
      files.map((destination) => ({ source: `/files${destination}`, destination })),
    ).map(({ destination }) => destination)
  const defaults = ['/proc', '/dev', '/dev/pts', '/sys', '/sys/fs/cgroup', '/dev/mqueue', '/dev/shm']

  test('the defaults', () => expect(destinations([])).toEqual(defaults))
  test('the user comes after them, outer before inner, otherwise as given', () => {
    expect(destinations(['/b/c', '/b', '/a'])).toEqual([...defaults, '/b', '/a', '/b/c'])
  })
  test("rt's files lie over a directory of the user's", () => {
    expect(destinations(['/etc'], ['/etc/hosts'])).toEqual([...defaults, '/etc', '/etc/hosts'])
  })
  test("the user's own file wins over rt's", () => {
    const mounts = containerMounts([mount('/x', '/etc/hosts')], [{ source: '/y', destination: '/etc/hosts' }])
    expect(mounts.filter(({ destination }) => destination === '/etc/hosts')).toMatchObject([{ source: '/x' }])
  })
  test('the user may replace a default', () => {
    expect(destinations(['/dev/shm'])).toEqual([...defaults.filter((path) => path !== '/dev/shm'), '/dev/shm'])
  })
  test("the user's own /dev is left alone", () => {
    expect(destinations(['/dev'])).toEqual(['/proc', '/sys', '/sys/fs/cgroup', '/dev'])
  })
})
