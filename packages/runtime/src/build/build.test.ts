import { isRtError } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { chooseBuilder } from './builders.ts'
import { buildkitPlan } from './buildkit.ts'
import { registriesConf } from './registries-conf.ts'
import type { BuildRequest } from './request.ts'

const REQUEST: BuildRequest = {
  context: '/work',
  tags: [],
  args: [],
  labels: [],
  secrets: [],
  noCache: false,
  pull: false,
  quiet: false,
}

describe('choosing a builder', () => {
  const having =
    (...names: string[]) =>
    (name: string): string | undefined =>
      names.includes(name) ? `/usr/bin/${name}` : undefined
  const refusal = (act: () => unknown): { code: string; remedy: string } => {
    try {
      act()
    } catch (error) {
      if (isRtError(error)) return { code: error.code, remedy: error.remedy }
    }
    throw new Error('it was not refused')
  }

  it('buildah before BuildKit, and the one that is named', () => {
    expect(chooseBuilder(undefined, having('buildah', 'buildctl'))).toBe('buildah')
    expect(chooseBuilder(undefined, having('buildctl'))).toBe('buildkit')
    expect(chooseBuilder('buildkit', having('buildah', 'buildctl'))).toBe('buildkit')
  })

  it("without one, the command that installs it with this distribution's program", () => {
    const none = (...names: string[]) => refusal(() => chooseBuilder(undefined, having(...names)))
    expect(none('apt-get')).toEqual({ code: 'RT_BUILD_NO_BUILDER', remedy: 'Install one: apt-get install buildah' })
    expect(none('dnf').remedy).toBe('Install one: dnf install buildah')
    expect(refusal(() => chooseBuilder('buildkit', having('buildah', 'apk'))).remedy).toContain('apk add buildah')
  })
})

describe('what BuildKit is asked', () => {
  const plan = (request: Partial<BuildRequest>, images: { reference: string; manifest?: string }[] = []) =>
    buildkitPlan({ ...REQUEST, ...request }, { output: '/out' }, { store: '/store', images, env: { SET: 'here' } })

  it('the flags of Docker in its words', () => {
    const words = plan({
      args: ['A=1', 'SET', 'UNSET'],
      labels: ['k=v', 'bare'],
      target: 'test',
      platform: 'linux/arm64',
      noCache: true,
      network: 'host',
      addHosts: ['a:1.2.3.4', 'b=::1'],
    })
    for (const word of [
      '--allow=network.host',
      '--opt=force-network-mode=host',
      '--opt=add-hosts=a=1.2.3.4,b=::1',
      '--opt=build-arg:A=1',
      '--opt=build-arg:SET=here',
      '--opt=label:k=v',
      '--opt=label:bare=',
      '--opt=target=test',
      '--opt=platform=linux/arm64',
      '--no-cache',
      '--output=type=oci,tar=false,dest=/out',
    ])
      expect(words).toContain(word)
    expect(words.join(' ')).not.toContain('UNSET')
  })

  it('a Dockerfile beside the context', () => {
    const words = plan({ file: '/other/Dockerfile.dev' })
    expect(words).toContain('--local=context=/work')
    expect(words).toContain('--local=dockerfile=/other')
    expect(words).toContain('--opt=filename=Dockerfile.dev')
  })

  it("the store's images by the names that a FROM has, unless registries are to be asked", () => {
    const images = [
      { reference: 'docker.io/library/base:latest', manifest: `sha256:${'1'.repeat(64)}` },
      { reference: 'host:5000/team/app:2', manifest: `sha256:${'2'.repeat(64)}` },
      { reference: 'docker.io/library/old:1' },
    ]
    const words = plan({}, images)
    expect(words).toContain('--oci-layout=rt=/store')
    expect(words).toContain(`--opt=context:base=oci-layout://rt@sha256:${'1'.repeat(64)}`)
    expect(words).toContain(`--opt=context:host:5000/team/app:2=oci-layout://rt@sha256:${'2'.repeat(64)}`)
    expect(words.join(' ')).not.toContain('old')
    expect(plan({ pull: true }, images).join(' ')).not.toContain('oci-layout')
  })
})

it('the registries of buildah: this store, the mirrors of the config, the registry', () => {
  const settings = {
    'docker.io': { mirrors: ['http://127.0.0.1:5000', 'mirror.example/prefix/'] },
    'old.example': { insecure: true },
  }
  const text = registriesConf(settings, { address: '127.0.0.1:1/key', domains: ['docker.io', 'localhost:5000'] })
  expect(text.split('[[registry]]').map((part) => part.match(/(?:location|insecure) = \S+/g))).toEqual([
    null,
    [
      'location = "docker.io"',
      'insecure = false',
      'location = "127.0.0.1:1/key/docker.io"',
      'insecure = true',
      'location = "127.0.0.1:5000"',
      'insecure = true',
      'location = "mirror.example/prefix"',
      'insecure = false',
    ],
    [
      'location = "localhost:5000"',
      'insecure = true',
      'location = "127.0.0.1:1/key/localhost:5000"',
      'insecure = true',
    ],
    ['location = "old.example"', 'insecure = true'],
  ])
})
