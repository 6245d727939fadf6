import { isRtError } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { canonical, familiar, familiarName, parseReference } from '../src/index.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('a name that Docker takes', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['team/app', 'docker.io/team/app:latest', 'team/app:latest'],
    ['library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
    ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
    ['localhost:5000/team/app:v1', 'localhost:5000/team/app:v1', 'localhost:5000/team/app:v1'],
    ['Host/app', 'Host/app:latest', 'Host/app:latest'],
    ['[fd00::1]:5000/app', '[fd00::1]:5000/app:latest', '[fd00::1]:5000/app:latest'],
    ['host.example/a__b/c-----d/e.f', 'host.example/a__b/c-----d/e.f:latest', 'host.example/a__b/c-----d/e.f:latest'],
    [`busybox@${DIGEST}`, `docker.io/library/busybox@${DIGEST}`, `busybox@${DIGEST}`],
    [`host:1/app:x@${DIGEST}`, `host:1/app:x@${DIGEST}`, `host:1/app:x@${DIGEST}`],
    ['app:5000', 'docker.io/library/app:5000', 'app:5000'],
    [`a:${'t'.repeat(128)}`, `docker.io/library/a:${'t'.repeat(128)}`, `a:${'t'.repeat(128)}`],
  ])('%s', (text, full, short) => {
    const ref = parseReference(text)
    expect(canonical(ref)).toBe(full)
    expect(familiar(ref)).toBe(short)
    expect(parseReference(short)).toEqual(ref)
    expect(parseReference(full)).toEqual(ref)
  })
})

it('prints the repository alone', () => {
  expect(familiarName(parseReference('busybox:1'))).toBe('busybox')
  expect(familiarName(parseReference('h.x/a/b:1'))).toBe('h.x/a/b')
})

describe('a name that Docker refuses, with the place', () => {
  it.each<[string, RegExp]>([
    ['', /empty/],
    ['a'.repeat(64), /image id/],
    ['Busybox', /found "B" at character 1, where letters are lower case/],
    ['busy box', /found " " at character 5/],
    ['team/App', /found "A" at character 6/],
    ['a//b', /character 3, where a part of the name must stand/],
    ['/a', /character 1/],
    ['a/', /it ends at character 3/],
    ['a._b', /found "_" at character 3/],
    ['a___b', /found "_" at character 4/],
    ['a..b', /found "." at character 3/],
    ['-a', /found "-" at character 1, where a part of the name begins/],
    ['a-', /found "-" at character 2, where a part of the name ends/],
    ['a-/b', /found "-" at character 2/],
    ['a:', /it ends at character 3, where a tag must stand/],
    ['a:-x', /found "-" at character 3, where a tag begins/],
    ['a:x/y', /found "x" at character 3, where a port has only digits/],
    ['team/a:x/y', /found "\/" at character 9, where a tag has only/],
    ['a:x:y', /found ":" at character 4/],
    [`a:${'t'.repeat(129)}`, /character 131/],
    ['host:port/a', /found "p" at character 6, where a port/],
    ['host:/a', /found "\/" at character 6, where a port number/],
    ['ho_st.x/a', /found "_" at character 3/],
    ['-host.x/a', /found "-" at character 1/],
    ['a..b/c', /found "." at character 3/],
    ['[fd00::1/a', /character 1, where an IPv6 address/],
    ['[fg::1]/a', /found "g" at character 3/],
    ['a@sha256:12', /it ends at character 12, where a digest has 64 digits/],
    [`a@${DIGEST}0`, /found "0" at character 74/],
    [`a@sha256:${'A'.repeat(64)}`, /found "A" at character 10/],
    ['a@b', /found "b" at character 3, where a digest/],
    ['näme', /found "ä" at character 2/],
    [`h.x/${'a'.repeat(252)}`, /more than 255 characters/],
  ])('%s', (text, message) => {
    try {
      parseReference(text)
    } catch (error) {
      expect(isRtError(error) && error.code).toBe('RT_IMAGE_REFERENCE')
      expect((error as Error).message).toMatch(message)
      return
    }
    expect.unreachable('it was taken')
  })
})
