import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld } from '@rt/test-world'
import { describe, expect, it } from 'vitest'
import { MODES } from './network-docs/modes.ts'
import { drawOverview, pictureOf, withPicture } from './network-docs/overview.ts'
import { drawPage } from './network-docs/page.ts'
import { see } from './network-docs/seen.ts'
import { cannotRun } from './rt.ts'

const DOCS = join(import.meta.dirname, '../../../docs/network')

/** The pages cannot drift from the code: they are made anew, and have to be the same. RT_WRITE_DOCS=1 writes them. */
describe.skipIf(cannotRun)('docs/network', () => {
  it.each(MODES.map((mode) => [mode.file, mode] as const))('%s.md', async (file, mode) => {
    await using world = await createWorld({ mtu: 1400, ...(mode.ipv6 && { ipv6: true }) })
    const page = drawPage(mode, await see(world, mode))
    const path = join(DOCS, `${file}.md`)
    if (process.env.RT_WRITE_DOCS) writeFileSync(path, page)
    else expect(page).toBe(readFileSync(path, 'utf8'))
  })

  it('the picture in README.md', async () => {
    await using world = await createWorld({ mtu: 1400, ipv6: true })
    const picture = await drawOverview(world)
    const path = join(DOCS, 'README.md')
    const page = readFileSync(path, 'utf8')
    if (process.env.RT_WRITE_DOCS) writeFileSync(path, withPicture(page, picture))
    else expect(pictureOf(page)).toBe(picture)
  })
})
