import { writeSync } from 'node:fs'
import { syscall } from '../sys/libc.ts'

const memfdCreate = syscall('memfd_create', ['str', 'uint'])

/** An anonymous file with this content, open across execve: the plan needs no name and no disk. */
export const memfd = (name: string, content: Uint8Array): number => {
  const fd = memfdCreate(name, name, 0)
  for (let at = 0; at < content.length; ) at += writeSync(fd, content, at)
  return fd
}
