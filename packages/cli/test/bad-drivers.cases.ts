/** Network drivers called `bad`, each bad in its own way, and what is said of it. */
export interface BadDriver {
  readonly title: string
  /** By path; `package.json` is a good one where it is not here. */
  readonly files: Readonly<Record<string, string>>
  /** What `rt run` says; undefined: the container runs, and only `verify` can tell. */
  readonly run?: readonly [code: string, sentence: RegExp]
  /** What `rt drivers verify` says, the same as `run` where undefined. */
  readonly verify?: readonly [code: string, said: RegExp]
  /** `rt drivers ls` sees it, which loads no driver. */
  readonly seen?: true
  /** Done to the driver's folder afterwards. */
  readonly after?: string
}

export const MANIFEST = { kind: 'net', name: 'bad', apiVersion: 1 }
export const packageJson = (rt: unknown, more: object = {}): string =>
  JSON.stringify({
    name: 'rt-driver-net-bad',
    version: '1.0.0',
    type: 'module',
    ...(rt !== undefined && { rt }),
    ...more,
  })

export const GOOD_PACKAGE = packageJson(MANIFEST)

const PLAN = `{
  namespace: 'new',
  enter: [{ where: 'netns', op: 'link.set', name: 'lo', up: true, why: 'Programs expect 127.0.0.1 to answer.' }],
  leave: [],
  attachment: { driver: 'bad', interfaces: [] },
}`
const CAPABILITIES =
  'static capabilities = { peers: false, host: false, outside: false, ports: false, addresses: false, combine: false };'
const CHECKS_OPTIONS = `constructor({ options }) {
  for (const name of Object.keys(options)) throw Object.assign(new Error('network.bad has no option ' + name), { [Symbol.for('rt.error')]: true, code: 'RT_DRIVER_OPTION', remedy: 'Remove it.', exitCode: 125 })
}`
const PROBE = `async probe() { return { ok: true, detail: 'needs nothing of the host' } }`

/** A driver that is good but for what `setup` does. */
const setup = (body: string): Record<string, string> => ({
  'index.js': `export default class Bad { ${CAPABILITIES} ${CHECKS_OPTIONS} ${PROBE} async setup(request) { ${body} } }`,
})
const module = (text: string): Record<string, string> => ({ 'index.js': text })

export const GOOD = setup(`return ${PLAN}`)

export const badDrivers: readonly BadDriver[] = [
  {
    title: 'is no driver',
    seen: true,
    files: { 'package.json': packageJson(undefined), ...GOOD },
    run: ['RT_DRIVER_MANIFEST', /is no driver: its package.json has no field "rt"/],
  },
  {
    title: 'has a package.json that is none',
    seen: true,
    files: { 'package.json': '{', ...GOOD },
    run: ['RT_DRIVER_MANIFEST', /has no package.json that can be read/],
  },
  {
    title: 'was written for another contract',
    seen: true,
    files: { 'package.json': packageJson({ ...MANIFEST, apiVersion: 2 }), ...GOOD },
    run: ['RT_DRIVER_API', /"bad" \(rt-driver-net-bad 1\.0\.0\) was written for version 2 .*this rt has version 1/],
  },
  {
    title: 'throws when it is loaded',
    files: module(`throw new Error('no luck today')`),
    run: ['RT_DRIVER_BROKEN', /"bad" .* cannot be used: .*index\.js fails when it is loaded: no luck today/],
  },
  {
    title: 'is no JavaScript',
    files: module('export default class {{'),
    run: ['RT_DRIVER_BROKEN', /fails when it is loaded: Unexpected token/],
  },
  {
    title: 'lacks a package that it depends on',
    files: module(`import 'not-installed'; export default class {}`),
    run: ['RT_DRIVER_BROKEN', /Cannot find package 'not-installed'/],
  },
  {
    title: 'lacks its main file',
    seen: true,
    files: { 'package.json': packageJson(MANIFEST, { exports: './dist/index.js' }) },
    run: ['RT_DRIVER_BROKEN', /names the file .*dist\/index\.js, which is not there/],
  },
  {
    title: 'exports no class',
    files: module('export const setup = () => {}'),
    run: ['RT_DRIVER_BROKEN', /has no class as its default export/],
  },
  {
    title: 'lacks a method',
    files: module(`export default class { ${PROBE} }`),
    run: ['RT_DRIVER_BROKEN', /it has no method setup/],
  },
  {
    title: 'throws when it is made',
    files: module(`export default class { constructor() { throw new TypeError('undefined is not a function') } }`),
    run: ['RT_DRIVER_BROKEN', /its constructor fails: undefined is not a function/],
  },
  {
    title: 'ends the process',
    files: module('process.exit(0)'),
    run: ['RT_DRIVER_BROKEN', /it calls process\.exit/],
  },
  {
    title: 'waits for ever while it is loaded',
    files: module('await new Promise(() => {}); export default class {}'),
    run: ['RT_DRIVER_TIMEOUT', /"bad" .* took longer than \d+ s to be loaded/],
  },
  {
    title: 'loops for ever while it is loaded',
    files: module('for (;;); export default class {}'),
    run: ['RT_DRIVER_TIMEOUT', /took longer than \d+ s to be loaded/],
  },
  {
    title: 'can be changed by everybody',
    seen: true,
    files: GOOD,
    after: 'chmod o+w "$FOLDER/index.js"',
    run: ['RT_DRIVER_UNTRUSTED', /would run as root, but .*index\.js may be written to by everybody/],
  },
  {
    title: 'belongs to somebody else',
    seen: true,
    files: GOOD,
    after: 'chown 65534 "$FOLDER"',
    run: ['RT_DRIVER_UNTRUSTED', /but .*bad belongs to the user 65534/],
  },
  {
    title: 'throws when it is asked',
    files: setup(`return request.nothing.at.all`),
    run: ['RT_DRIVER_FAILED', /"bad" .* failed when it was asked to setup: Cannot read properties of undefined/],
    verify: ['RT_DRIVER_UNFIT', /failed when it was asked to setup/],
  },
  {
    title: 'loops for ever when it is asked',
    files: setup('for (;;);'),
    run: ['RT_DRIVER_TIMEOUT', /took longer than \d+ s to answer setup/],
  },
  {
    title: 'never answers',
    files: setup('return new Promise(() => {})'),
    run: ['RT_DRIVER_TIMEOUT', /took longer than \d+ s to answer setup/],
  },
  {
    title: 'answers nothing',
    files: setup('return undefined'),
    run: ['RT_DRIVER_ANSWER', /was asked to setup, and its answer is no object/],
    verify: ['RT_DRIVER_UNFIT', /its answer is no object/],
  },
  {
    title: 'answers a step that does not exist',
    files: setup(`return { ...${PLAN}, enter: [{ where: 'host', op: 'magic', why: 'It would be nice.' }] }`),
    run: ['RT_DRIVER_ANSWER', /its answer is no plan: enter\[0\] is "magic", which is no host step/],
  },
  {
    title: 'answers steps that fail',
    files: setup(
      `return { ...${PLAN}, enter: [...${PLAN}.enter, { where: 'netns', op: 'link.set', name: 'nope', up: true, why: 'There is none.' }] }`,
    ),
    run: ['RT_NETLINK', /nope/],
    verify: ['RT_DRIVER_UNFIT', /nope/],
  },
  {
    title: 'leaves something behind',
    files: setup(
      `return { ...${PLAN}, enter: [{ where: 'host', op: 'file.write', path: '/run/left-by-' + request.container.id, content: '', mode: 0o600, shared: true, why: 'A lease.' }] }`,
    ),
    verify: ['RT_DRIVER_UNFIT', /after the container has ended, the host is not as it was: \+ file \/run\/left-by-/],
  },
  {
    title: 'has a way back that works once',
    files: setup(
      `const path = '/run/once-' + request.container.id
       return { ...${PLAN}, enter: [{ where: 'host', op: 'file.write', path, content: '', mode: 0o600, why: 'A lease.' }], leave: [{ where: 'host', op: 'exec', argv: ['rm', path], why: 'The lease ends.' }] }`,
    ),
    verify: ['RT_DRIVER_UNFIT', /the way back fails/],
  },
]
