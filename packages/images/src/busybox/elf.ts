/** Type of the program header that names a dynamic loader. */
const PT_INTERP = 3

/**
 * Whether `program` is an ELF file that needs no dynamic loader, and so runs in a root that has no libraries. 64-bit little-endian only:
 * all that Node runs on. Layout: elf(5).
 */
export const isStaticElf = (program: Buffer): boolean => {
  if (program.length < 64 || program.readUInt32BE(0) !== 0x7f454c46 || program[4] !== 2 || program[5] !== 1)
    return false
  const table = Number(program.readBigUInt64LE(32))
  const size = program.readUInt16LE(54)
  const count = program.readUInt16LE(56)
  if (count === 0 || size < 56 || table + size * count > program.length) return false
  return !Array.from({ length: count }, (_, index) => program.readUInt32LE(table + index * size)).includes(PT_INTERP)
}
