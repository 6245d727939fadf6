/**
 * Builds the `rt` command: one bundle, so that a start reads one file instead of hundreds, and V8's code cache for it, so that a
 * start compiles nothing. Everything that is rare (help, YAML, import) is a separate chunk, loaded when it is needed.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { endianness, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const cli = join(here, '..')
const dist = join(cli, 'dist')
const { version } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8'))

/**
 * oclif's modules require their helpers (colours, templates, wrapping, debug) at load, though only help and errors need them. Each
 * `const x = require(...)` becomes a proxy that requires at first use.
 */
const lazyOclif = {
  name: 'lazy-oclif',
  setup(context) {
    context.onLoad({ filter: /@oclif\/core\/lib\/.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /^const (\w+) = ((?:__importDefault|__importStar)?\(?require\("[^"]+"\)\)?);$/gm,
        (_, name, expression) =>
          `const ${name} = (() => { let m; const g = () => (m ??= ${expression});` +
          ` return new Proxy({}, { get: (_, k) => g()[k], has: (_, k) => k in g() }) })();`,
      ),
      loader: 'js',
    }))
  },
}

/**
 * The netlink package's structures are CommonJS, of which a bundler must keep all, and a start would make a hundred functions and tables
 * to use ten. As an ES module only those ten stay.
 */
const shakableNetlink = {
  name: 'shakable-netlink',
  setup(context) {
    // All that it wants of the module is the order of bytes.
    context.onLoad({ filter: /netlink\/dist\/structs\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace('require("os")', `{ endianness: () => '${endianness()}' }`),
      loader: 'js',
    }))
    context.onLoad({ filter: /netlink\/dist\/rt\/gen_structs\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      const names = new Set([...source.matchAll(/^exports\.(\w+) = (?!exports)/gm)].map(([, name]) => name))
      const body = source
        .slice(source.indexOf('const structs = '))
        .replace('__importStar(require("../structs"))', 'require("../structs")')
        .replace(/^var (\w+);\n\(function \(\1\) \{([\s\S]*?)^\}\)\(\1 = .*$/gm, (_, name, content) => {
          names.add(name)
          return `const ${name} = /* @__PURE__ */ (function (${name}) {${content} return ${name} })({});`
        })
        .replace(/^exports\.(\w+) = \1;$/gm, '')
        .replace(/^exports\.(\w+) = /gm, 'const $1 = ')
        .replace(/\bexports\.(\w+)/g, '$1')
      return { contents: `${body}\nexport { ${[...names].join(', ')} }`, loader: 'js' }
    })
  },
}

/** What a start hardly ever needs; what it does not read it does not pay for. Each becomes a file of its own beside the bundle. */
const RARE = [
  /^yaml$/,
  /\/cli\/src\/(help|cid-file|flags\/refused|explain\/(index|reasons)|compare\/index|verify\/index)\.ts$/,
  /\/native\/src\/explain\/index\.ts$/,
  /\/images\/src\/(import\/import-archive|busybox\/build|store\/(remove|tag|prune|usage)|commit\/commit-layer|files\/index|registry\/index|archive\/index|path\/(index|load-path)|serve\/serve-store)\.ts$/,
  /\/runtime\/src\/((embed|files|networks|ports|build|volumes)\/index|networks\/(container-mode|settle)|volumes\/asked|run\/(quota|shared-pid))\.ts$/,
  /\/driver-net-bridge\/src\/(upkeep\/index|firewall\/create-firewall)\.ts$/,
  /\/driver-isolation-namespaces\/src\/(seccomp\/compile|cgroups\/(freeze|usage|update|limits\/\w+))\.ts$/,
  /\/runtime\/src\/(spec\/asked|images\/\w+|drivers\/(foreign|manage)\/index)\.ts$/,
  /\/@oclif\/core\/lib\/(ux|help)\/index\.js$/,
  /\/node_modules\/(debug|clean-stack|indent-string|wrap-ansi|ansis|supports-color)\//,
]

/** Cuts the rare modules out of a bundle; `found` collects their paths by the names of their files. */
const cutRare = (found) => ({
  name: 'cut-rare',
  setup(context) {
    context.onResolve({ filter: /./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData?.resolving || (kind !== 'dynamic-import' && kind !== 'require-call')) return undefined
      if (kind === 'require-call' && !importer.includes('/@oclif/core/')) return undefined
      const resolved = await context.resolve(path, { kind, importer, resolveDir, pluginData: { resolving: true } })
      if (!RARE.some((rare) => rare.test(path) || rare.test(resolved.path))) return resolved
      const name = relative(join(cli, '../..'), resolved.path)
        .replace(/\.[jt]s$/, '')
        .replace(/(packages|node_modules|src|lib|dist)\//g, '')
        .replaceAll('/', '-')
      found.set(name, resolved.path)
      return { path: `./${name}.cjs`, external: true }
    })
  },
})

const IMPORT = join(cli, '../runtime/src/drivers/foreign/import.ts')

/** Drivers of third parties may be modules that only import() can load. */
const cutImport = {
  name: 'cut-import',
  setup(context) {
    context.onResolve({ filter: /^\.\/import\.ts$/ }, ({ path, resolveDir }) =>
      join(resolveDir, path) === IMPORT ? { path: './import-module.cjs', external: true } : undefined,
    )
  },
}

/** The words of src/commands/hot.ts. */
const HOT = [...readFileSync(join(cli, 'src/commands/hot.ts'), 'utf8').matchAll(/^ {2}(\w+): \(\) => only/gm)].map(
  ([, name]) => name,
)

/**
 * Flags with which the script rt starts the hot commands, a file that it reads. They are over within some 30 ms:
 *
 * - The names in Node's snapshot keep the hashes that they were built with, instead of new ones at each start (4 ms). Who knows the seed can make
 *   names that collide, and with them a command slow; of what an image's author writes, these commands read no more than its config.
 * - Of V8's compilers only the last is left, which begins with what has run some thousand times (3 ms): a cache remembers for which functions the
 *   quick ones had begun, and they would begin at once. None for regular expressions before their fiftieth use either (2 ms).
 *
 * A Node that does not know one of them would not start at all.
 */
const QUICK_FLAGS = ['--no-rehash-snapshot', '--no-maglev', '--no-sparkplug', '--regexp-tier-up-ticks=50'].filter(
  (flag) => spawnSync(process.execPath, [flag, '--eval', '']).status === 0,
)

/** A bundle that knows the hot commands only. */
const hotOnly = {
  name: 'hot-only',
  setup(context) {
    context.onResolve({ filter: /\/commands\/index\.ts$/ }, () => ({ path: join(cli, 'src/commands/hot.ts') }))
  },
}

/** What Node puts around a module; launch.ts calls it. */
const wrapped = {
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
}

const bundle = (entries, plugins, options = {}) =>
  build({
    absWorkingDir: cli,
    entryPoints: Object.fromEntries(entries),
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    // The bundle runs in a vm.Script, where import() would need a loader of its own.
    supported: { 'dynamic-import': false },
    conditions: ['@rt/source'],
    // RT_READABLE=1: a stack trace or a profile with names in it.
    minify: !process.env.RT_READABLE,
    legalComments: 'none',
    logLevel: 'warning',
    define: {
      RT_VERSION: JSON.stringify(version),
      RT_HOT: JSON.stringify(HOT),
      RT_QUICK_FLAGS: JSON.stringify(QUICK_FLAGS),
      'process.env.NODE_ENV': '"production"',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
      'import.meta.url': '__filename',
    },
    plugins,
    ...options,
  })

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })
const rare = new Map()
await bundle([['rt', 'src/main.ts']], [lazyOclif, shakableNetlink, cutRare(rare)], wrapped)
await bundle([['hot', 'src/main.ts']], [hotOnly, lazyOclif, shakableNetlink, cutRare(rare)], wrapped)
const worker = ['unpack-worker', join(cli, '../images/src/unpack/file/unpack-worker.ts')]
await bundle([['launch', 'src/boot/launch.ts'], worker, ...rare], [lazyOclif, shakableNetlink, cutImport])
// A module of Node's own: there import() is what it is.
await bundle([['import-module', IMPORT]], [], { supported: {} })

for (const file of ['rt-shim', 'rt-preload.so']) copyFileSync(join(cli, '../native/dist', file), join(dist, file))
chmodSync(join(dist, 'rt-shim'), 0o755)
writeFileSync(join(dist, 'quick-flags'), `${QUICK_FLAGS.join(' ')}\n`)

/** Each warm-up adds what it compiled to the cache. None changes anything outside its own directory. */
const scratch = mkdtempSync(join(tmpdir(), 'rt-build-'))
const roots = [`--root=${scratch}/root`, `--run-root=${scratch}/run`]
const warmUps = [
  [...roots, 'config'],
  [...roots, 'images'],
]
if (process.geteuid() === 0) {
  // One that never runs: no namespace, no cgroup, nothing of the network. What stops and removes one leaves its cache at its first real use.
  for (const words of [
    ['create', '--name=warm', '--network=none', 'busybox', 'true'],
    ['ps', '-a'],
    ['prune', '-f'],
  ])
    warmUps.push([...roots, ...words])
}
try {
  for (const words of warmUps) {
    const flags = HOT.includes(words.find((word) => !word.startsWith('-'))) ? QUICK_FLAGS : []
    const { status, stderr } = spawnSync(process.execPath, [...flags, join(dist, 'launch.cjs'), ...words], {
      cwd: scratch,
      env: { ...process.env, RT_WRITE_CODE_CACHE: '1' },
      encoding: 'utf8',
    })
    if (status === 0) continue
    // A machine without a static busybox can build rt; it only starts a little slower.
    if (!stderr.includes('RT_IMAGE_UNKNOWN')) throw new Error(`the new build does not start:\n${stderr}`)
    break
  }
} finally {
  rmSync(scratch, { recursive: true })
}
