import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileOperation } from '@rt/driver-api'
import { expect, it } from 'vitest'
import { fileLines } from '../src/explain/host.ts'
import { isRoot } from './world/in-netns.ts'

it.skipIf(!isRoot)(
  'the shell lines of a layer that is copied over others obey its whiteouts (needs root: mknod)',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'rt-test-'))
    try {
      const step: FileOperation = {
        op: 'tree.copy',
        from: join(directory, "it's from"),
        to: join(directory, 'to'),
        over: true,
      }
      const script = `cd '${directory}'; mkdir -p "it's from/kept" to/kept to/gone/deep; cd "it's from"
      echo low > ../to/kept/a; echo low > ../to/kept/b; echo top > kept/a; mknod gone c 0 0; mknod null c 1 3
      ${fileLines(step).join('\n')}
      cd ../to; find . | sort; cat kept/*`
      const { stdout, stderr } = spawnSync('sh', ['-euc', script], { encoding: 'utf8' })
      expect(stderr).toBe('')
      expect(stdout).toBe('.\n./kept\n./kept/a\n./kept/b\n./null\ntop\nlow\n')
    } finally {
      rmSync(directory, { recursive: true })
    }
  },
)
