import { closeSync, openSync } from 'node:fs'
import { deviceProgram } from '../ebpf/device-program.ts'
import { bpf } from '../sys/bpf.ts'
import { koffi } from '../sys/koffi.ts'

const BPF_PROG_LOAD = 5
const BPF_PROG_ATTACH = 8
const BPF_PROG_TYPE_CGROUP_DEVICE = 15
const BPF_CGROUP_DEVICE = 6
const BPF_F_ALLOW_MULTI = 2

/**
 * Attaches a program to the v2 cgroup `path` that allows only the devices of `rules` (cgroup v1's notation, `c 1:3 rwm`). The kernel keeps the
 * program as long as the cgroup. Errors: SyscallError, RT_INTERNAL for a rule that is none.
 */
export const allowDevices = (path: string, rules: readonly string[]): void => {
  const cgroup = openSync(path, 'r')
  try {
    const program = load(deviceProgram(rules))
    try {
      attach(cgroup, program)
    } finally {
      closeSync(program)
    }
  } finally {
    closeSync(cgroup)
  }
}

const attach = (cgroup: number, program: number): void => {
  const attributes = Buffer.alloc(32)
  attributes.writeUInt32LE(cgroup, 0)
  attributes.writeUInt32LE(program, 4)
  attributes.writeUInt32LE(BPF_CGROUP_DEVICE, 8)
  // MULTI: a program of systemd's on a parent keeps its say, and every program must agree.
  attributes.writeUInt32LE(BPF_F_ALLOW_MULTI, 12)
  bpf(BPF_PROG_ATTACH, attributes)
}

/** union bpf_attr of BPF_PROG_LOAD, as far as it is not zero. */
const load = (instructions: Buffer): number => {
  const { address } = koffi()
  const license = Buffer.from('Apache-2.0\0')
  const attributes = Buffer.alloc(64)
  attributes.writeUInt32LE(BPF_PROG_TYPE_CGROUP_DEVICE, 0)
  attributes.writeUInt32LE(instructions.length / 8, 4)
  attributes.writeBigUInt64LE(address(instructions), 8)
  attributes.writeBigUInt64LE(address(license), 16)
  attributes.write('rt_devices', 48, 'latin1')
  return bpf(BPF_PROG_LOAD, attributes)
}
