/**
 * Builds the `rt` command: one bundle, so that a start reads one file instead of hundreds, and V8's code cache for it, so that a
 * start compiles nothing. Everything that is rare (help, YAML, import) is a separate chunk, loaded when it is needed.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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

/** Native add-ons stay files: they are copied beside the bundle and loaded from there by koffi. */
const common = {
  absWorkingDir: cli,
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  conditions: ['@rt/source'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: {
    RT_VERSION: JSON.stringify(version),
    'process.env.NODE_ENV': '"production"',
    'import.meta.dirname': '__dirname',
    'import.meta.url': '__filename',
  },
  loader: { '.node': 'copy' },
}

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })
await Promise.all([
  build({
    ...common,
    entryPoints: { rt: 'src/main.ts' },
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    plugins: [lazyOclif],
    external: ['./*.cjs'],
  }),
  build({ ...common, entryPoints: { launch: 'src/boot/launch.ts' }, outdir: dist, outExtension: { '.js': '.cjs' } }),
])

const shim = join(cli, '../native/dist/rt-shim')
copyFileSync(shim, join(dist, 'rt-shim'))
chmodSync(join(dist, 'rt-shim'), 0o755)

/** Each warm-up adds what it compiled to the cache. None changes anything outside its own directory. */
const scratch = mkdtempSync(join(tmpdir(), 'rt-build-'))
const roots = [`--root=${scratch}/root`, `--run-root=${scratch}/run`]
const warmUps = [['--version'], [...roots, 'config'], [...roots, 'images']]
if (process.geteuid() === 0)
  warmUps.push([...roots, 'ps'], [...roots, 'run', '--dry-run', '--network=none', '--rm', 'busybox', 'true'])
try {
  for (const words of warmUps) {
    const { status, stderr } = spawnSync(process.execPath, [join(dist, 'launch.cjs'), ...words], {
      cwd: scratch,
      env: { ...process.env, RT_WRITE_CODE_CACHE: '1' },
      encoding: 'utf8',
    })
    // A machine without a static busybox can build rt; it only starts a little slower.
    if (status !== 0 && !stderr.includes('RT_IMAGE_UNKNOWN'))
      throw new Error(`the new build does not start:\n${stderr}`)
  }
} finally {
  rmSync(scratch, { recursive: true })
}
