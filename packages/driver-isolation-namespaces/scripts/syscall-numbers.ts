/**
 * Writes src/seccomp/generated/numbers.ts: the syscall numbers of the four ABIs that the filters know, read from the kernel's own
 * headers through the C preprocessor. Run once per new kernel release that adds calls worth naming:
 *
 *     node scripts/syscall-numbers.ts X86_INCLUDE_DIR ARM_INCLUDE_DIR
 *
 * where the directories hold asm/unistd_64.h, asm/unistd_32.h (Debian: linux-libc-dev) and, for 32-bit ARM, asm/unistd.h
 * (linux-libc-dev-armhf-cross). aarch64 uses asm-generic/unistd.h of the second.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const [x86, arm] = process.argv.slice(2)
if (x86 === undefined || arm === undefined) throw new Error('usage: syscall-numbers.ts X86_INCLUDE_DIR ARM_INCLUDE_DIR')

/** Since Linux 5.1 a new call has one number on all architectures; these are newer than the headers at hand (6.1). */
const NEWER = Object.entries({
  cachestat: 451,
  fchmodat2: 452,
  map_shadow_stack: 453,
  futex_wake: 454,
  futex_wait: 455,
  futex_requeue: 456,
  statmount: 457,
  listmount: 458,
  lsm_get_self_attr: 459,
  lsm_set_self_attr: 460,
  lsm_list_modules: 461,
  mseal: 462,
  setxattrat: 463,
  getxattrat: 464,
  listxattrat: 465,
  removexattrat: 466,
})

/** Asks the preprocessor which __NR_ macros a header defines and what number each of them comes to. */
function numbersOf(dir: string, header: string, defines: readonly string[]): Map<string, number> {
  const cpp = (args: readonly string[], input: string) =>
    execFileSync('cc', ['-E', '-P', '-nostdinc', `-I${dir}`, ...defines, ...args, '-'], { input, encoding: 'utf8' })
  const include = `#include <${header}>\n`
  const names = [...cpp(['-dM'], include).matchAll(/^#define (__(?:ARM_)?NR_([a-z0-9_]+)) /gm)]
  const text = cpp([], include + names.map(([, macro, name]) => `@${name} ${macro}`).join('\n'))
  const found = new Map<string, number>()
  for (const [, name, value] of text.matchAll(/^@(\w+) (.*)$/gm)) {
    if (name !== undefined && value !== undefined && /^[-+() 0-9a-fA-Fx]+$/.test(value)) {
      const terms = value.replaceAll(/[()]/g, '').split('+')
      found.set(
        name,
        terms.reduce((sum, term) => sum + Number(term), 0),
      )
    }
  }
  for (const [name, value] of NEWER) if (!found.has(name)) found.set(name, value)
  found.delete('syscalls')
  return found
}

const tables = {
  x86_64: numbersOf(x86, 'asm/unistd_64.h', []).set('uretprobe', 335),
  i386: numbersOf(x86, 'asm/unistd_32.h', []),
  aarch64: numbersOf(arm, 'asm-generic/unistd.h', [
    '-D__BITS_PER_LONG=64',
    '-D__ARCH_WANT_RENAMEAT',
    '-D__ARCH_WANT_NEW_STAT',
    '-D__ARCH_WANT_SET_GET_RLIMIT',
    '-D__ARCH_WANT_TIME32_SYSCALLS',
    '-D__ARCH_WANT_MEMFD_SECRET',
    '-D__ARCH_WANT_SYS_CLONE3',
  ]),
  arm: numbersOf(arm, 'asm/unistd.h', ['-D__ARM_EABI__']),
}

let text = '// Made by scripts/syscall-numbers.ts from the kernel headers. Not edited by hand.\n'
for (const [abi, numbers] of Object.entries(tables)) {
  const words = [...numbers].sort((a, b) => a[1] - b[1]).map(([name, number]) => `${name}: ${number},`)
  text += `\n// biome-ignore format: a dense table\nexport const ${abi}: Readonly<Record<string, number>> = {\n`
  for (let i = 0; i < words.length; i += 6) text += `  ${words.slice(i, i + 6).join(' ')}\n`
  text += '}\n'
  console.log(`${abi}: ${numbers.size} calls`)
}
writeFileSync(new URL('../src/seccomp/generated/numbers.ts', import.meta.url), text)
