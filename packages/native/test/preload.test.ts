import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const PRELOAD = join(import.meta.dirname, '../dist/rt-preload.so')

/** What a Node says that was started with it. */
const withPreload = (script: string, preload = PRELOAD, hugePages = '1'): string =>
  execFileSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LD_PRELOAD: preload, RT_HUGE_PAGES: hugePages },
  }).trim()

/** Sizes and flags of all of a process's memory, as JavaScript that can be given to Node. */
const MAPPINGS = `require('fs').readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)`

describe('what is loaded into Node before a command', () => {
  it('has V8 take its heap from one piece of memory that may be huge pages', () => {
    const advised = withPreload(
      `const big = ${MAPPINGS}.filter((m) => /^Size: +32768 kB$/m.test(m) && /^VmFlags:.* dc .*hg/m.test(m))
       console.log(big.length, Number(/^Rss: +(\\d+)/m.exec(big[0])[1]) > 2000)`,
    )
    expect(advised).toBe('1 true')
  })

  it('has malloc begin at a huge page', () => {
    const heap = withPreload(
      `const [heap] = ${MAPPINGS}.filter((m) => m.includes('[heap]') && / hg/.test(m))
       console.log(parseInt(heap, 16) % (2 << 20), Number(/^Size: +(\\d+)/m.exec(heap)[1]) >= 4096)`,
    )
    expect(heap).toBe('0 true')
  })

  it('leaves memory as it is where page faults are cheap', () => {
    const script = `console.log(${MAPPINGS}.filter((m) => / hg/.test(m) && !/^.*\\//.test(m)).length)`
    expect(withPreload(script, PRELOAD, '0')).toBe('0')
  })

  it.each(['0', '1'])(
    'lets the parts of Node itself that nobody writes to come from huge pages, RT_HUGE_PAGES=%s',
    (asked) => {
      const script = `console.log(${MAPPINGS}
      .filter((m) => m.split('\\n')[0].endsWith(process.execPath) && Number(/^Size: +(\\d+)/m.exec(m)[1]) >= 4096)
      .map((m) => [m.split(' ')[1], / hg/.test(m)].join()).join(' '))`
      expect(withPreload(script, PRELOAD, asked)).toMatch(/^(r-[x-]p,true ?)+$/)
    },
  )

  it('goes on where its piece is used up, and keeps what is in use', () => {
    const survived = withPreload(
      `const kept = Array.from({ length: 2e6 }, (_, n) => ({ n }))
       for (let n = 0; n < 5e6; n++) ({ n })
       console.log(kept.every(({ n }, at) => n === at), process.memoryUsage().heapUsed > 64 << 20)`,
    )
    expect(survived).toBe('true true')
  })

  it('is not handed on to the programs that Node starts, which do work', () => {
    const child = withPreload(`console.log(require('child_process').execFileSync('/usr/bin/env').toString())`)
    expect(child).not.toContain('LD_PRELOAD')
    expect(child).toContain('PATH=')
  })

  it.each([':', ' '])("leaves the user's own libraries in the list that it was in, after %j", (separator) => {
    const own = '/lib/x86_64-linux-gnu/libdl.so.2:/lib/x86_64-linux-gnu/librt.so.1'
    expect(withPreload('console.log(process.env.LD_PRELOAD)', `${PRELOAD}${separator}${own}`)).toBe(own)
  })
})
