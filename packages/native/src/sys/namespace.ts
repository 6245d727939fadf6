import { syscall } from './libc.ts'

export const CLONE_NEWNET = 0x40000000

const setnsCall = syscall('setns', ['int', 'int'])
const unshareCall = syscall('unshare', ['int'])

/** Moves the calling thread only; libuv's pool stays behind, so nothing asynchronous may start before the way back. */
export const setns = (fd: number, type: number): void => {
  setnsCall(undefined, fd, type)
}

export const unshare = (flags: number): void => {
  unshareCall(undefined, flags)
}
