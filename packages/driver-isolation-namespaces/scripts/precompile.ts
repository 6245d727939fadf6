/** Writes src/seccomp/generated/precompiled.ts. Run after every change of the profile, the compiler or the numbers. */
import { writeFileSync } from 'node:fs'
import { compileProfile } from '../src/seccomp/compile.ts'

let text = '// Made by scripts/precompile.ts; a test compares it with what the compiler says. Not edited by hand.\n'
text +=
  '\n/** Compiled profiles (struct sock_filter[], base64) by machine and by the kept capabilities that matter to them. */\n'
text += 'export const PRECOMPILED: Readonly<Record<string, Readonly<Record<string, string>>>> = {\n'
for (const architecture of ['x86_64', 'aarch64'] as const) {
  text += `  // biome-ignore format: long strings\n  ${architecture}: {\n`
  // What a container has by default, and what --cap-drop=ALL leaves.
  for (const capabilities of [['CAP_SYS_CHROOT'], []]) {
    text += `    '${capabilities.join()}': '${compileProfile(capabilities, architecture)}',\n`
  }
  text += '  },\n'
}
text += '}\n'
writeFileSync(new URL('../src/seccomp/generated/precompiled.ts', import.meta.url), text)
