import { rawSyscall } from './libc.ts'

const NUMBERS: Readonly<Record<string, number>> = {
  x64: 321,
  arm64: 280,
  riscv64: 280,
  loong64: 280,
  s390x: 351,
  ppc64: 361,
}

/** bpf(2): the command and its union bpf_attr. Answers an fd or 0. */
export const bpf = (command: number, attributes: Uint8Array): number => {
  call ??= rawSyscall('bpf', NUMBERS[process.arch] ?? 280, ['int', 'void *', 'uint'])
  return call(undefined, command, attributes, attributes.length)
}

let call: ReturnType<typeof rawSyscall> | undefined
