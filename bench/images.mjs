/**
 * Images, side by side in one run as bench/run.mjs has it: rounds are interleaved, and only ratios of one run count.
 *
 *     node bench/images.mjs [--only pull,unpack,layers,copy,list] [--rounds 5] [--rt COMMAND]
 *
 * In namespaces of its own. `pull` starts Debian's docker-registry on loopback; `copy` makes a btrfs on a loop device. What is not installed has no row.
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { must, run, works } from './command.mjs'
import { measure } from './measure.mjs'
import { enterOwnNamespaces, makePlaces } from './places.mjs'
import { print } from './report.mjs'

const here = import.meta.dirname
const ALL = ['pull', 'unpack', 'layers', 'copy', 'list']
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: ALL.join() },
    rounds: { type: 'string', default: '5' },
    rt: { type: 'string', default: join(here, '../rt') },
    markdown: { type: 'boolean', default: false },
  },
})
const only = values.only.split(',')
for (const name of only) if (!ALL.includes(name)) throw new Error(`there is no ${name}: ${ALL.join(', ')}`)

enterOwnNamespaces()
must(['ip', 'link', 'set', 'lo', 'up'])

const { scratch, remove } = makePlaces()
const rt = values.rt.split(' ')
const settings = { rounds: Number(values.rounds), runs: 1 }
const sha = (bytes) => createHash('sha256').update(bytes).digest('hex')

const OCI = 'application/vnd.oci.image'

const blob = (directory, mediaType, bytes) => {
  writeFileSync(join(directory, 'blobs/sha256', sha(bytes)), bytes)
  return { mediaType, digest: `sha256:${sha(bytes)}`, size: bytes.length }
}

/** Config and manifest of an image of these layers. @returns the manifest's descriptor */
const describe = (directory, layers, config = {}) => {
  const json = (mediaType, value) => blob(directory, mediaType, Buffer.from(JSON.stringify(value)))
  return json(`${OCI}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: json(`${OCI}.config.v1+json`, {
      architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch],
      os: 'linux',
      config: { Cmd: ['/true'], ...config },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  })
}

/** An OCI layout with one layer for each list of files, `[name, bytes]`. */
const layout = (name, layers) => {
  const directory = join(scratch, name)
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true })
  const made = layers.map((files, index) => {
    const tree = join(scratch, 'tree')
    for (const [path, bytes] of files) {
      mkdirSync(join(tree, path, '..'), { recursive: true })
      writeFileSync(join(tree, path), bytes, { mode: 0o755 })
    }
    const tar = join(scratch, 'layer.tar')
    must(['tar', '-c', '--sort=name', '-C', tree, '-f', tar, '.'])
    must(['gzip', '-1kf', tar])
    const [plain, packed] = [readFileSync(tar), readFileSync(`${tar}.gz`)]
    for (const path of [tree, tar, `${tar}.gz`]) rmSync(path, { recursive: true })
    return { diffId: `sha256:${sha(plain)}`, ...blob(directory, `${OCI}.layer.v1.tar+gzip`, packed), index }
  })
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const named = {
    ...describe(directory, made),
    annotations: { 'org.opencontainers.image.ref.name': `localhost/${name}:1` },
  }
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }))
  return { directory, layers: made }
}

/** 25 MB each of files of many sizes, half of which compresses: like a distribution's. */
const PACKAGES = 8
const packages = () =>
  Array.from({ length: PACKAGES }, (_, layer) => [
    ['true', readFileSync('/bin/busybox')],
    ...Array.from({ length: 500 }, (_, n) => {
      const half = randomBytes(25_000 + ((n * 7919) % 1000))
      return [`usr/lib/${layer}/${n % 20}/file${n}`, Buffer.concat([half, Buffer.alloc(half.length, 'text ')])]
    }),
  ])

/** What is timed is `argv`; `act` comes before it each time. */
const first = (act, argv) => () => {
  act()
  return argv
}

const rows = {
  pull: () => {
    const { directory } = layout('large', packages())
    const host = '127.0.0.1:5055'
    const config = join(scratch, 'registry.yml')
    writeFileSync(
      config,
      `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${scratch}/registry}}\nhttp: {addr: '${host}'}\n`,
    )
    const registry = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
    const copy = [
      'skopeo',
      'copy',
      '-q',
      '--dest-tls-verify=false',
      `oci:${directory}:localhost/large:1`,
      `docker://${host}/large:1`,
    ]
    for (let tries = 0; !works(...copy); tries++) {
      if (tries > 50) throw new Error('the registry does not start')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
    const podman = ['podman', `--root=${scratch}/p`, `--runroot=${scratch}/pr`, '--storage-driver=overlay']
    const all = [
      {
        name: 'rt pull',
        before: first(() => run([...rt, 'rmi', `${host}/large:1`]), [...rt, 'pull', '-q', `${host}/large:1`]),
      },
      {
        name: 'podman pull',
        before: () => {
          run([...podman, 'rmi', '-f', `${host}/large:1`])
          return [...podman, 'pull', '-q', '--tls-verify=false', `${host}/large:1`]
        },
      },
      {
        name: 'docker pull',
        before: first(
          () => run(['docker', 'rmi', '-f', `${host}/large:1`]),
          ['docker', 'pull', '-q', `${host}/large:1`],
        ),
      },
    ]
    const there = {
      rt: true,
      podman: works('podman', '--version'),
      docker: process.env.DOCKER_HOST && works('docker', 'info'),
    }
    return {
      title: `pull of ${PACKAGES} layers of 25 MB from loopback`,
      rows: all.filter(({ name }) => there[name.split(' ')[0]]),
      end: () => registry.kill(),
    }
  },
  unpack: () => {
    const { directory, layers } = layout('unpacked', packages())
    const target = join(scratch, 'tar-x')
    const files = layers.map(({ digest }) => join(directory, 'blobs/sha256', digest.slice(7)))
    const script = `mkdir -p ${target}; for f in ${files.join(' ')}; do tar -xz -C ${target} -f $f; done`
    return {
      title: `unpacking of ${PACKAGES} layers of 25 MB`,
      rows: [
        {
          name: 'tar -xz, one after the other',
          before: first(() => rmSync(target, { recursive: true, force: true }), ['sh', '-c', script]),
        },
        {
          name: 'rt create ./layout',
          before: () => {
            run([...rt, 'prune', '-f'])
            run([...rt, 'image', 'prune', '-af'])
            return [...rt, 'create', '--network=none', directory]
          },
        },
      ],
    }
  },
  layers: () => {
    const of = (count) =>
      layout(
        `layers${count}`,
        Array.from({ length: count }, (_, n) =>
          [
            ['true', readFileSync('/bin/busybox')],
            [`f${n}`, `${n}`],
          ].slice(n === 0 ? 0 : 1),
        ),
      )
    return {
      title: 'start from an image of many layers, no network',
      rows: [1, 60].map((count) => ({
        name: `rt run, ${count} layers`,
        argv: [...rt, 'run', '--rm', '--network=none', of(count).directory],
      })),
      runs: 5,
    }
  },
  copy: () => {
    const [image, mount] = [join(scratch, 'btrfs'), join(scratch, 'mnt')]
    mkdirSync(mount)
    must(['truncate', '-s', '2G', image])
    must(['mkfs.btrfs', '-q', image])
    must(['mount', '-o', 'loop', image, mount])
    const { directory } = layout('copied', packages())
    const own = [`--root=${mount}/rt`]
    const create = (name, ...words) => [...rt, name, ...own, ...words]
    must(create('create', '--name=box', '--network=none', directory))
    const [box] = JSON.parse(must(create('inspect', 'box')))
    must(create('tag', box.Image, 'copied'))
    const lower = box.GraphDriver.Data.LowerDir.split(':')
    const tree = join(mount, 'whole')
    mkdirSync(tree)
    for (const layer of lower) must(['cp', '-a', '--reflink=always', `${layer}/.`, tree])
    return {
      title: 'a copy of 200 MB in 4000 files on btrfs, which shares blocks',
      rows: [
        {
          name: 'cp -a --reflink',
          before: () => {
            rmSync(join(mount, 'copy'), { recursive: true, force: true })
            return ['cp', '-a', '--reflink=always', tree, join(mount, 'copy')]
          },
        },
        {
          name: 'rt run --rm --storage=copy',
          argv: create('run', '--rm', '--storage=copy', '--network=none', 'copied'),
        },
        {
          name: 'rt run --storage=copy, which stays',
          before: first(
            () => run(create('rm', 'kept')),
            create('run', '--name=kept', '--storage=copy', '--network=none', 'copied'),
          ),
        },
        {
          name: 'rt run --rm --storage=overlay',
          argv: create('run', '--rm', '--storage=overlay', '--network=none', 'copied'),
        },
      ],
      end: () => run(['umount', '-l', mount]),
    }
  },
  list: () => {
    const empty = join(scratch, 'empty.cjs')
    writeFileSync(empty, '')
    const { directory, layers } = layout('listed', [[['true', readFileSync('/bin/busybox')]]])
    const manifests = Array.from({ length: 200 }, (_, n) => ({
      ...describe(directory, layers, { Labels: { n: String(n) } }),
      annotations: { 'org.opencontainers.image.ref.name': `host.example:5000/team/image${n}:1` },
    }))
    writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
    must(['tar', '-c', '-C', directory, '-f', join(scratch, 'listed.tar'), '.'])
    must([...rt, 'load', '-qi', join(scratch, 'listed.tar')])
    return {
      title: 'a list of 200 images',
      rows: [
        { name: 'empty Node script', argv: [process.execPath, empty] },
        { name: 'rt images', argv: [...rt, 'images'] },
        { name: 'rt --version', argv: [...rt, '--version'] },
      ],
      runs: 5,
    }
  },
}

try {
  for (const name of only) {
    const { title, rows: measured, runs = 1, end } = rows[name]()
    try {
      const header = ['n', 'median ms', 'min ms', '90 % ms', '× first']
      const found = measure(measured, { ...settings, runs })
      print(title, found, header, values.markdown)
      // Of a busy machine this is what tells: others' work is not in it.
      const processor = found.map(({ name, processor, problem }) => ({ name, times: processor, problem }))
      print(`${title}: processor time`, processor, header, values.markdown)
    } finally {
      end?.()
    }
  }
} finally {
  remove()
}
