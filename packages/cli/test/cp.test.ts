import { patience } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { cannotRun, RT, type Rt, readComplaint, until, useRt } from './rt.ts'

/** A container that does `script` and then stays, or ends. */
async function make(
  rt: Rt,
  name: string,
  storage: string,
  runs: boolean,
  script: string,
  flags: readonly string[] = [],
) {
  const run = ['run', ...(runs ? ['-d'] : []), `--name=${name}`, `--storage=${storage}`, '--network=none', ...flags]
  const done = `${script}; : >/ready${runs ? '; exec sleep 1000' : ''}`
  const { code, stderr } = await rt.run([...run, 'busybox', 'sh', '-c', done])
  if (code !== 0) throw new Error(stderr)
  if (runs) await until(`${name} is ready`, async () => (await rt.run(['cp', `${name}:/ready`, '-'])).code === 0)
}

const remove = (rt: Rt, ...names: string[]) => rt.out(['rm', '-f', ...names])

const KINDS = ['overlay', 'copy'].flatMap((storage) =>
  [true, false].map((runs) => ({ storage, runs, state: runs ? 'running' : 'stopped' })),
)

/** Everything of a tree that a copy with -a must keep. */
const LIST = (path: string) =>
  `cd ${path} && find . -printf '%P %y %m %U:%G %s %T@ %l\\n' | sed 's/^\\(.* d [0-7]* [0-9:]*\\) [0-9]*/\\1/' | sort`

const TREE = `mkdir -p tree/sub/empty; echo hello > tree/file; ln tree/file tree/sub/hard; ln -s ../file tree/sub/link; ln -s /etc/passwd tree/abs
  mkfifo -m 640 tree/fifo; chown 12:34 tree/sub tree/file; chmod 4751 tree/file; chmod 1777 tree/sub; : > "$(printf 'tree/odd\\377 name')"
  truncate -s 3M tree/sparse; printf x | dd of=tree/sparse bs=1 seek=1500000 conv=notrunc status=none; head -c 300000 /dev/urandom > tree/random
  touch -h -d '2001-02-03 04:05:06.123456789' tree/sub/link tree/file; touch -d '2002-01-01' tree/sub/empty tree/sub tree`

describe.skipIf(cannotRun)('rt cp', () => {
  const rt = useRt({ internet: false })
  const sh = (script: string) => rt().host.sh(`set -e; ${script}`)

  it.each(KINDS)('takes a tree in and out again as it was, with -a: $storage, $state', async ({ storage, runs }) => {
    const before = await rt().world.snapshot()
    await make(rt(), 'box', storage, runs, 'true')
    await sh(`rm -rf /root/w; mkdir /root/w; cd /root/w; ${TREE}`)
    const cwd = '/root/w'
    await rt().out(['cp', '-a', 'tree', 'box:/root'], { cwd })
    await rt().out(['cp', '-a', 'box:/root/tree', 'back'], { cwd })
    expect(await sh(LIST('/root/w/back'))).toBe(await sh(LIST('/root/w/tree')))
    await sh('cd /root/w; for f in file random sparse; do cmp tree/$f back/$f; done; [ back/file -ef back/sub/hard ]')
    expect(Number(await sh('stat -c %b /root/w/back/sparse'))).toBeLessThan(1000)
    // Again, over what is there now.
    await rt().out(['cp', '-a', 'tree', 'box:/root'], { cwd })
    await sh(`cd /root/w; ${RT} cp box:/root/tree - | tar -x --numeric-owner -p --one-top-level=tar`)
    expect(await sh(LIST('/root/w/tar/tree'))).toBe(await sh(LIST('/root/w/tree')))
    // And as a stream.
    await sh(
      `cd /root/w; tar --numeric-owner --format=posix -cf - tree | ${RT} cp - box:/tmp; ${RT} cp -a box:/tmp/tree streamed`,
    )
    expect(await sh(LIST('/root/w/streamed'))).toBe(await sh(LIST('/root/w/tree')))
    await remove(rt(), 'box')
    await rt().world.expectNoLeaks(before)
  })

  it.each(['overlay', 'copy'])('puts files into a container before its first start: %s', async (storage) => {
    await sh('echo mine > /root/passwd')
    const flags = [`--storage=${storage}`, '--network=none']
    await rt().out(['create', '--name=new', ...flags, 'busybox', 'sh', '-c', 'cat /etc/passwd /etc/group >/seen'])
    expect(await rt().out(['diff', 'new'])).toBe('')
    await rt().out(['cp', '/root/passwd', 'new:/etc'])
    expect(await rt().out(['diff', 'new'])).toBe('C /etc\nC /etc/passwd\n')
    await rt().out(['start', '-a', 'new'])
    expect(await sh(`${RT} cp new:/seen - | tar -xO`)).toMatch(/^mine\nroot:/)
    // And again, what it wrote is still there when it starts once more.
    await rt().out(['cp', '/root/passwd', 'new:/etc/group'])
    await rt().out(['start', '-a', 'new'])
    expect(await sh(`${RT} cp new:/seen - | tar -xO`)).toBe('mine\nmine\n')
    await remove(rt(), 'new')
  })

  it('gives copies to root in the container and to the caller outside, unless -a', async () => {
    await make(rt(), 'own', 'overlay', true, 'echo x >/root/f; chown 5:6 /root/f')
    await sh('echo x > /root/g; chown 7:8 /root/g; chmod 640 /root/g')
    await rt().out(['cp', '/root/g', 'own:/root/plain'])
    await rt().out(['cp', '-a', '/root/g', 'own:/root/kept'])
    const list = await sh(
      `${RT} cp own:/root - | tar --numeric-owner -tv | sed 's/ .* / /'; ${RT} cp own:/root - | tar --numeric-owner -tv`,
    )
    expect(list).toMatch(/^-rw-r----- 0\/0 .* root\/plain$/m)
    expect(list).toMatch(/^-rw-r----- 7\/8 .* root\/kept$/m)
    await rt().out(['cp', 'own:/root/f', '/root/plain'])
    await rt().out(['cp', '-a', 'own:/root/f', '/root/kept'])
    expect(await sh('stat -c %u:%g /root/plain /root/kept')).toBe('0:0\n5:6\n')
    await remove(rt(), 'own')
  })

  it.each(KINDS.slice(0, 2))(
    "follows Docker's rules for where a copy goes: $storage, $state",
    async ({ storage, runs }) => {
      const script =
        'mkdir -p /d/in /there; echo f >/f; echo i >/d/in/i; ln -s /there /linkdir; ln -s f /linkfile; ln -s /nowhere /dangling'
      await make(rt(), 'rules', storage, runs, script)
      await sh(
        'rm -rf /root/r; mkdir -p /root/r/d/in /root/r/there; cd /root/r; echo f >f; echo i >d/in/i; ln -s there linkdir; ln -s f linkfile',
      )
      const cwd = '/root/r'
      const cases: readonly [from: string, to: string, makes: string][] = [
        ['f', '/new', 'new'],
        ['f', '/there', 'there/f'],
        ['f', '/there/', 'there/f'],
        ['f', '/linkdir', 'there/f'],
        ['f', '/linkdir/x', 'there/x'],
        ['d', '/newdir', 'newdir/in/i'],
        ['d', '/newdir2/', 'newdir2/in/i'],
        ['d/.', '/newdir3', 'newdir3/in/i'],
        ['d', '/there', 'there/d/in/i'],
        ['d/.', '/there', 'there/in/i'],
        ['d/', '/there', 'there/d/in/i'],
        ['linkfile', '/there/l', 'there/l'],
        ['linkdir/', '/l2', 'l2'],
      ]
      for (const [from, to, makes] of cases) {
        await rt().out(['cp', from, `rules:${to}`], { cwd })
        const [type] = await sh(`${RT} cp rules:/${makes} - | tar -tv`)
        expect(type, `${from} to ${to}`).toBe(from === 'linkfile' ? 'l' : makes === 'l2' ? 'd' : '-')
        // The other way round by the same rules.
        const out = to.slice(1) === '' ? '.' : to.slice(1)
        await rt().out(['cp', `rules:/${from}`, `out-${out}`.replace(/^out-(there|linkdir)/, '$1')], { cwd })
        await sh(
          `cd /root/r; [ -e ${makes.startsWith('there') ? makes : `out-${makes}`} -o -L ${makes.startsWith('there') ? makes : `out-${makes}`} ]`,
        )
      }
      // A link is copied as a link, or what it leads to; through a link a file is replaced where it is.
      await rt().out(['cp', '-L', 'rules:/linkfile', 'followed'], { cwd })
      expect(await sh('cd /root/r; stat -c %F followed; cat followed')).toBe('regular file\nf\n')
      await sh('echo replaced > /root/r/f')
      await rt().out(['cp', 'f', 'rules:/linkfile'], { cwd })
      expect(await sh(`${RT} cp rules:/f - | tar -xO; ${RT} cp rules:/linkfile - | tar -tv`)).toMatch(/^replaced\nl/)
      // Without a slash at the beginning a path of the container begins at its root all the same.
      expect(await sh(`${RT} cp rules:f - | tar -xO`)).toBe('replaced\n')
      expect(
        await sh(`cd /root/r; echo colon > ./rules:f; ${RT} cp ./rules:f rules:/; ${RT} cp rules:/rules:f - | tar -xO`),
      ).toBe('colon\n')
      await remove(rt(), 'rules')
    },
  )

  it.each(KINDS.slice(0, 2))('says in one sentence what it cannot do: $storage, $state', async ({ storage, runs }) => {
    await make(rt(), 'bad', storage, runs, 'mkdir -p /d/sub; echo f >/f; : >/d/f; ln -s loop /loop')
    await sh('rm -rf /root/b; mkdir -p /root/b/d/f /root/b/e; cd /root/b; echo f >f; echo s >e/sub')
    const before = await rt().world.snapshot()
    for (const [from, to, code, sentence] of [
      ['bad:/none', '.', 'RT_PATH_UNKNOWN', 'bad:/none does not exist'],
      ['bad:/none/deeper', '.', 'RT_PATH_UNKNOWN', 'bad:/none/deeper does not exist'],
      ['bad:/f/below', '.', 'RT_PATH_UNFIT', 'bad:/f/below: a part of the path is not a directory'],
      ['bad:/f/', '.', 'RT_PATH_UNFIT', 'bad:/f is not a directory'],
      ['bad:/f', 'none/x', 'RT_PATH_UNKNOWN', '/root/b/none/x does not exist'],
      ['bad:/f', 'none/', 'RT_PATH_UNKNOWN', 'The directory /root/b/none does not exist'],
      ['bad:/d', 'f', 'RT_PATH_UNFIT', '/root/b/f is a file, and a directory cannot be copied onto it'],
      ['bad:/loop/x', '.', 'RT_PATH_UNFIT', 'bad:/loop/x: a part of the path is a link that leads nowhere'],
      ['none', 'bad:/', 'RT_PATH_UNKNOWN', '/root/b/none does not exist'],
      ['f', 'bad:/none/', 'RT_PATH_UNKNOWN', 'The directory bad:/none does not exist'],
      ['f', 'bad:/none/x', 'RT_PATH_UNKNOWN', 'bad:/none/x does not exist'],
      ['f', 'bad:/f/', 'RT_PATH_UNFIT', 'bad:/f is not a directory'],
      ['d', 'bad:/f', 'RT_PATH_UNFIT', 'bad:/f is a file, and a directory cannot be copied onto it'],
      ['d/.', 'bad:/d', 'RT_PATH_UNFIT', 'bad:/d ("f") is not a directory, and a directory cannot replace it'],
      ['e/.', 'bad:/d', 'RT_PATH_UNFIT', 'bad:/d ("sub") is a directory, and what is none cannot replace it'],
      ['bad:/f', 'bad:/g', 'RT_USAGE', 'rt cp does not copy from one container to another'],
      ['f', 'g', 'RT_USAGE', 'rt cp needs a container on one side, written CONTAINER:PATH'],
      ['-', '-', 'RT_USAGE', 'rt cp needs a container on one side, written CONTAINER:PATH'],
      ['nobody:/f', '.', 'RT_CONTAINER_UNKNOWN', 'No such container: nobody.'],
    ] as const) {
      const complaint = readComplaint(await rt().run(['cp', from, to], { cwd: '/root/b' }))
      expect(complaint, `${from} ${to}`).toMatchObject({ code, sentence, exitCode: 1 })
    }
    const piped = async (input: string | Buffer, to: string) =>
      readComplaint(await rt().run(['cp', '-', to], { input }))
    expect(await piped('x'.repeat(2000), 'bad:/d')).toMatchObject({ code: 'RT_ARCHIVE_CORRUPT', exitCode: 1 })
    expect(await piped('', 'bad:/none')).toMatchObject({ code: 'RT_PATH_UNKNOWN', exitCode: 1 })
    expect(await piped('', 'bad:/f')).toMatchObject({ code: 'RT_PATH_UNFIT', exitCode: 1 })
    await rt().world.expectNoLeaks(before)
    await remove(rt(), 'bad')
  })

  it('sees volumes and tmpfs of a running container, and refuses what is read-only', async () => {
    await sh(
      'rm -rf /srv/vol /srv/ro; mkdir -p /srv/vol/deep /srv/ro; echo v > /srv/vol/deep/v; echo r > /srv/ro/r; echo single > /srv/single; echo g > /root/g',
    )
    const flags = ['-v', '/srv/vol:/vol', '-v', '/srv/ro:/ro:ro', '-v', '/srv/single:/single', '--tmpfs', '/t']
    await make(rt(), 'vols', 'overlay', true, 'echo t >/t/t', flags)
    expect(await sh(`for p in vol/deep/v ro/r t/t single; do ${RT} cp vols:/$p - | tar -xO; done`)).toBe(
      'v\nr\nt\nsingle\n',
    )
    await rt().out(['cp', '/root/g', 'vols:/vol/g'])
    await rt().out(['cp', '/root/g', 'vols:/t/g'])
    expect(await sh(`cat /srv/vol/g; ${RT} cp vols:/t/g - | tar -xO`)).toBe('g\ng\n')
    const refused = async (to: string) => readComplaint(await rt().run(['cp', '/root/g', to]))
    expect(await refused('vols:/ro/g')).toMatchObject({
      code: 'RT_READ_ONLY',
      exitCode: 1,
      sentence: 'vols:/ro/g ("g") is on a read-only file system',
    })
    expect(await refused('vols:/proc/g')).toMatchObject({ code: 'RT_PATH_UNFIT', exitCode: 1 })
    // A mount that is not in our namespace would be unmounted by unlink(2) without a word.
    for (const path of ['/etc/hosts', '/single'])
      expect(await refused(`vols:${path}`)).toMatchObject({ code: 'RT_PATH_UNFIT', exitCode: 1 })
    expect(await sh('cat /srv/single')).toBe('single\n')
    // A root with proc in it is copied without what the kernel makes up.
    await sh(
      `mkdir /root/whole; ${RT} cp vols:/ /root/whole; ls -A /root/whole/proc /root/whole/sys | grep -c . ; cat /root/whole/vol/deep/v`,
    )
    await rt().out(['rm', '-f', 'vols'])
    await make(rt(), 'frozen', 'overlay', false, 'true', [...flags, '--read-only', '--tmpfs', '/']).catch(
      () => undefined,
    )
    await rt().run(['rm', '-f', 'frozen'])
    const { code } = await rt().run([
      'run',
      '-d',
      '--name=frozen',
      '--network=none',
      '--read-only',
      'busybox',
      'sleep',
      '1000',
    ])
    expect(code).toBe(0)
    expect(await refused('frozen:/g')).toMatchObject({ code: 'RT_READ_ONLY', exitCode: 1 })
    await remove(rt(), 'frozen')
  })

  it('finds volumes of a stopped container by their names, and keeps to what is read-only', async () => {
    await sh('rm -rf /srv/vol /srv/ro; mkdir -p /srv/vol/deep /srv/ro; echo v > /srv/vol/deep/v; echo g > /root/g')
    const flags = ['--read-only', '-v', '/srv/vol:/vol', '-v', '/srv/ro:/ro:ro']
    const run = ['run', '--name=still', '--network=none', ...flags, 'busybox', 'true']
    await rt().out(run)
    await rt().out(['cp', '/root/g', 'still:/vol/deep'])
    await rt().out(['cp', 'still:/vol', '/root/vol-out'])
    expect(await sh('cat /srv/vol/deep/g /root/vol-out/deep/v')).toBe('g\nv\n')
    for (const path of ['/ro/g', '/g'])
      expect(readComplaint(await rt().run(['cp', '/root/g', `still:${path}`]))).toMatchObject({
        code: 'RT_READ_ONLY',
        exitCode: 1,
      })
    await remove(rt(), 'still')
  })

  it(
    'copies a file of 1 GiB through little memory, and a sparse one without its holes',
    async () => {
      await make(rt(), 'large', 'overlay', true, 'truncate -s 1G /sparse')
      // Node's own mappings take half of this; a file in memory would not fit beside them.
      const limited = `ulimit -d 1000000; ${RT}`
      expect(await sh(`${limited} cp large:/sparse - | wc -c`)).toBe(`${2 ** 30 + 2560}\n`)
      await sh(`${limited} cp large:/sparse /root/sparse; ${RT} cp large:/sparse - | (${limited} cp - large:/tmp)`)
      expect(await sh('stat -c "%s %b" /root/sparse')).toBe('1073741824 0\n')
      expect(await sh(`${RT} cp large:/tmp/sparse - | tar -xO | cmp - /root/sparse && echo same`)).toBe('same\n')
      await remove(rt(), 'large')
    },
    patience(120_000),
  )
})
