import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Comparison } from '../src/compare/comparison.ts'
import { cannotRun, useRt } from './rt.ts'

/** Debian's. */
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const whyNot = cannotRun || executablePath === undefined

describe.skipIf(whyNot)('the pages of rt compare and rt explain, in a browser', () => {
  const rt = useRt()
  let comparison: Comparison
  let browser: Browser
  const file = (name: string): string => join(rt().world.share, name)

  beforeAll(async () => {
    const command = ['busybox', 'sh', '-c', 'ip -o addr; echo "<b>not bold</b>"']
    const words = ['--network=none,host,bridge,brigde', '--repeat=2', '--json', '--html=/run/world/compare.html']
    comparison = JSON.parse(await rt().out(['compare', ...words, ...command]))
    for (const lang of ['en', 'zh'])
      writeFileSync(
        file(`explain-${lang}.html`),
        await rt().out(['explain', '--format=html', `--lang=${lang}`, ...command]),
      )
    browser = await chromium.launch({ executablePath: executablePath as string, headless: true, args: ARGUMENTS })
  })
  afterAll(() => browser?.close())

  /** Opens one of them; whatever it asks the network for, or complains of, is an error. */
  const visit = async (
    name: string,
    width: number,
    act: (page: Page) => Promise<void>,
    dark = false,
  ): Promise<void> => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light' })
    const said: string[] = []
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) said.push(request.url())
    })
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto(`file://${file(name)}`)
    await act(page)
    expect(said).toEqual([])
    await page.close()
  }

  it.each(['compare.html', 'explain-en.html', 'explain-zh.html'])(
    '%s fits a phone and a screen, in the dark and the light',
    async (name) => {
      for (const width of [360, 400, 1280])
        await visit(name, width, async (page) => {
          // Nothing but tables and code scrolls sideways, each in its own frame.
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
          const small = await page.evaluate(
            `[...document.querySelectorAll('p, td, li, h3, svg text')].filter((each) => each.getClientRects().length > 0)
            .map((each) => Number.parseFloat(getComputedStyle(each).fontSize) * (each.ownerSVGElement ? each.ownerSVGElement.getBoundingClientRect().width / each.ownerSVGElement.viewBox.baseVal.width : 1))
            .filter((size) => size < 8.5)`,
          )
          expect(small).toEqual([])
        })
      const background = 'getComputedStyle(document.body).backgroundColor'
      const colours: unknown[] = []
      for (const dark of [false, true])
        await visit(name, 400, async (page) => void colours.push(await page.evaluate(background)), dark)
      expect(colours[0]).not.toBe(colours[1])
    },
  )

  it('tells what differs between none, host and bridge', () =>
    visit('compare.html', 1280, async (page) => {
      const card = (name: string) =>
        page.locator('article', { has: page.locator('h3', { hasText: new RegExp(`^${name}$`) }) })
      expect(await card('none').textContent()).toMatch(/nothing in it but lo[\s\S]*✗ outside[\s\S]*✗ another container/)
      expect(await card('host').textContent()).toMatch(/no network of its own[\s\S]*✓ outside[\s\S]*127\.0\.0\.1/)
      const bridge = await card('bridge').textContent()
      expect(bridge).toMatch(
        /network namespace of its own with eth0[\s\S]*a cable into br0[\s\S]*✓ its gateway 172\.16\.0\.1/,
      )
      expect(await card('brigde').textContent()).toMatch(/Does not run here[\s\S]*RT_/)
      for (const name of ['none', 'host', 'bridge']) expect(await card(name).locator('svg').count()).toBe(1)
      // The picture of bridge has what was seen: the device, both cables, the address.
      const picture = await card('bridge').locator('svg').innerHTML()
      const eth0 = comparison.columns[2]?.look?.interfaces.find(({ name }) => name === 'eth0')
      for (const word of ['br0', eth0?.hostEnd, eth0?.addresses[0], '198.51.100.2/24']) expect(picture).toContain(word)
    }))

  it('draws every text of a picture inside of it, and no two over each other', () =>
    visit('compare.html', 400, async (page) => {
      const clashes = await page.evaluate(`[...document.querySelectorAll('svg')].flatMap((svg) => {
        const frame = svg.getBoundingClientRect()
        const boxes = [...svg.querySelectorAll('text')].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
        const outside = boxes.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1)
        const over = boxes.flatMap((a, index) => boxes.slice(index + 1).filter((b) =>
          a.box.left < b.box.right - 1 && b.box.left < a.box.right - 1 && a.box.top < b.box.bottom - 3 && b.box.top < a.box.bottom - 3).map((b) => [a.text, b.text]))
        return [...outside.map(({ text }) => text), ...over]
      })`)
      expect(clashes).toEqual([])
    }))

  it('has bars as long as the figures say, the table, the output as text, and steps with who does them', () =>
    visit('compare.html', 1280, async (page) => {
      const bars = page.locator('figure', { hasText: 'Until all is over' }).locator('.bar')
      const widths = (await Promise.all((await bars.all()).map((bar) => bar.boundingBox()))).map(
        (box) => box?.width ?? 0,
      )
      const medians = comparison.columns.flatMap(({ results }) => results?.finish.median ?? [])
      expect(widths).toHaveLength(3)
      for (const [index, width] of widths.entries())
        expect(width / (widths[0] ?? 1)).toBeCloseTo((medians[index] ?? 0) / (medians[0] ?? 1), 1)
      expect(await page.locator('table tbody th[scope=row]').count()).toBeGreaterThan(15)
      expect(await page.locator('pre', { hasText: '<b>not bold</b>' }).count()).toBe(3)
      const cable = page.locator('.steps li', { hasText: 'A cable with two ends' }).first()
      expect(await cable.locator('.chip.has').allTextContents()).toEqual(['bridge'])
      expect(await cable.locator('.chip.lacks').allTextContents()).toEqual(['none', 'host'])
    }))

  it('an explained page copies its whole script', () =>
    visit('explain-zh.html', 400, async (page) => {
      expect(await page.evaluate('document.documentElement.lang')).toBe('zh')
      await page.locator('button[data-copy]').click()
      const selected = String(await page.evaluate('getSelection().toString()'))
      expect(selected).toMatch(/^#!\/usr\/bin\/env bash\n/)
      expect(selected.trim()).toBe(((await page.locator('#all').textContent()) ?? '').trim())
    }))

  it('the script that copies is the only one', () => {
    for (const name of ['compare.html', 'explain-en.html'])
      expect(readFileSync(file(name), 'utf8').match(/<script/g) ?? []).toHaveLength(name === 'compare.html' ? 0 : 1)
  })
})
