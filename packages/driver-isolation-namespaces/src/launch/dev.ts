import type { OciDevice, SandboxStep } from '@rt/driver-api'

const NODES: readonly (readonly [name: string, major: number, minor: number, why: string])[] = [
  ['null', 1, 3, 'What is written to /dev/null is gone, and hardly a shell script runs without it.'],
  ['zero', 1, 5, '/dev/zero reads as endless zeros.'],
  ['full', 1, 7, '/dev/full answers every write with "no space left", which tests like to use.'],
  ['random', 1, 8, '/dev/random gives random bytes of the kernel.'],
  ['urandom', 1, 9, '/dev/urandom gives random bytes of the kernel, which most cryptography reads.'],
  ['tty', 5, 0, '/dev/tty is whatever terminal controls the process that opens it.'],
]

const LINKS: readonly (readonly [path: string, target: string, why: string])[] = [
  ['/dev/ptmx', 'pts/ptmx', "Opening ptmx makes a terminal, and it must come from the container's own devpts."],
  ['/dev/fd', '/proc/self/fd', 'Shells open /dev/fd/N for process substitution.'],
  ['/dev/stdin', '/proc/self/fd/0', 'Programs that want a file name can be told to read standard input.'],
  ['/dev/stdout', '/proc/self/fd/1', 'Programs that want a file name can be told to write to standard output.'],
  ['/dev/stderr', '/proc/self/fd/2', 'Programs that want a file name can be told to write to standard error.'],
  ['/dev/core', '/proc/kcore', 'A customary link; its target is masked in a container.'],
]

/** The nodes and links that Docker makes in a container's /dev, less what is asked for at their places. */
export const deviceNodes = (asked: readonly OciDevice[]): SandboxStep[] => [
  ...NODES.filter(([name]) => !asked.some(({ path }) => path === `/dev/${name}`)).map(
    ([name, major, minor, why]): SandboxStep => ({
      where: 'sandbox',
      op: 'inside.mknod',
      path: `/dev/${name}`,
      type: 'c',
      major,
      minor,
      mode: 0o666,
      why,
      see: name === 'urandom' ? 'random(4)' : name === 'zero' ? 'null(4)' : `${name}(4)`,
    }),
  ),
  ...LINKS.map(
    ([path, target, why]): SandboxStep => ({
      where: 'sandbox',
      op: 'inside.symlink',
      path,
      target,
      why,
      see: path === '/dev/ptmx' ? 'pts(4)' : 'proc_pid_fd(5)',
    }),
  ),
]

/** Those of `--device`. The directories are made here, because below /dev there is nothing but what rt puts there. */
export const askedNodes = (devices: readonly OciDevice[]): SandboxStep[] =>
  devices.flatMap(({ path, type, major, minor, fileMode }): SandboxStep[] => {
    const why = `${path} is one of the host's devices, which was asked for.`
    const parent = path.slice(0, path.lastIndexOf('/')) || '/'
    return [
      { where: 'sandbox', op: 'inside.mkdir', path: parent, mode: 0o755, why, see: 'mkdir(2)' },
      { where: 'sandbox', op: 'inside.mknod', path, type, major, minor, mode: fileMode, why, see: 'mknod(2)' },
    ]
  })
