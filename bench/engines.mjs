import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, run, works } from './command.mjs'

/** Of everything that a bench starts, so that it can be told from what others run. */
const PREFIX = 'rt-bench-'
export const named = (name) => `${PREFIX}${name}`

/**
 * An engine in the terms of what is measured; each answers with words to run.
 *
 * once(network) runs a container to its end; start(name, program, options) starts one in the background; running() says the names
 * of all that a bench has started; pid(name) is that of a container's first process.
 */
const dockerLike = (name, words, { network, start = [], rm, image = 'busybox' }) => ({
  name,
  version: [...words, '--version'],
  once: (mode) => [...words, 'run', '--rm', ...network(mode), image, 'true'],
  start: (box, program = ['sleep', '100000'], options = []) => [
    ...[...words, 'run', '-d', '--name', box, ...network('bridge'), ...start, ...options],
    ...[image, ...program],
  ],
  exec: (box) => [...words, 'exec', box, 'true'],
  stop: (box) => [...words, 'stop', box],
  remove: (box) => [...words, 'rm', ...rm, box],
  list: () => [...words, 'ps'],
  pid: (box) => JSON.parse(must([...words, 'inspect', box]))[0]?.State?.Pid,
  clear() {
    const all = run([...words, 'ps', '-a']).stdout ?? ''
    for (const [box] of all.matchAll(/\brt-bench-[\w-]+/g)) run([...words, 'rm', ...rm, box])
  },
})

/** crun has no images, no networks of its own and no names but ids: it takes part where it does the same. */
const crun = (scratch) => {
  const bundle = join(scratch, 'bundle')
  const root = ['crun', '--root', join(scratch, 'crun')]
  const path = (program) => join(scratch, `bundle-${program.join('-').replaceAll(/\W+/g, '-').slice(0, 40)}`)
  const bundleOf = (program) => {
    const directory = path(program)
    mkdirSync(directory, { recursive: true })
    const spec = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'))
    spec.process = { ...spec.process, terminal: false, args: ['/bin/busybox', ...program] }
    spec.root = { path: join(bundle, 'rootfs'), readonly: true }
    writeFileSync(join(directory, 'config.json'), JSON.stringify(spec))
    return directory
  }
  let runs = 0
  return {
    name: 'crun',
    prepare() {
      mkdirSync(join(bundle, 'rootfs/bin'), { recursive: true })
      for (const name of ['proc', 'sys', 'dev']) mkdirSync(join(bundle, 'rootfs', name), { recursive: true })
      cpSync(must(['sh', '-c', 'command -v busybox']).trim(), join(bundle, 'rootfs/bin/busybox'))
      must(['crun', 'spec', '--bundle', bundle])
    },
    once: (mode) =>
      mode === 'none' ? [...root, 'run', '--bundle', bundleOf(['true']), named(`once-${++runs}`)] : undefined,
    start: (box, program = ['sleep', '100000'], options = []) =>
      options.length === 0 ? [...root, 'run', '-d', '--bundle', bundleOf(program), box] : undefined,
    exec: (box) => [...root, 'exec', box, '/bin/busybox', 'true'],
    stop: () => undefined,
    remove: (box) => [...root, 'delete', '-f', box],
    list: () => [...root, 'list'],
    pid: (box) => JSON.parse(must([...root, 'state', box])).pid,
    clear() {
      const all = run([...root, 'list', '-q']).stdout ?? ''
      for (const box of all.split('\n').filter((line) => line.startsWith(PREFIX))) run([...root, 'delete', '-f', box])
    },
  }
}

/** Those that work here, rt first. `rt`: the words that start it. */
export const findEngines = (rt, scratch) => {
  const network = (mode) => [`--network=${mode}`]
  const engines = [dockerLike('rt', rt, { network, rm: ['-f'] })]
  if (works('docker', 'image', 'inspect', 'busybox')) {
    const options = { network: (mode) => ['--network', mode, '--pull', 'never'], rm: ['-f'] }
    engines.push(dockerLike('docker', ['docker'], options))
  }
  if (works('podman', 'image', 'exists', 'busybox'))
    engines.push(dockerLike('podman', ['podman'], { network: (mode) => ['--network', mode], rm: ['-f', '-t', '0'] }))
  if (works('sh', '-c', 'command -v crun && command -v busybox')) {
    const engine = crun(scratch)
    engine.prepare()
    // It refuses machines that mix both kinds of cgroups.
    if (works(...engine.once('none'))) engines.push(engine)
  }
  return engines
}
