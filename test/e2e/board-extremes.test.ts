/** Composed boards with the worst that may come: 60 queues, names of 80 characters and in Arabic, 5 000 waiting, 100 000 calls, none at all. */
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserMissing, launchBrowser } from '../support/browser.ts'
import { type PageStub, type StubOptions, startPageStub } from '../support/page-stub.ts'

const LONG = 'Banque · Cartes et moyens de paiement, oppositions et réclamations du grand public'.slice(0, 80)
const UNBROKEN = 'Kundenzufriedenheitsverbesserungsmaßnahmenabteilung'.repeat(2).slice(0, 80)
const ARABIC = 'خدمة العملاء والدعم الفني للخطوط الثابتة'
const EXTREME: StubOptions = {
  role: 'supervisor',
  queueNames: Array.from({ length: 60 }, (_, index) => [LONG, ARABIC, UNBROKEN][index % 3] ?? ''),
  agentNames: [ARABIC, LONG, UNBROKEN],
  otherNames: [UNBROKEN, ARABIC, LONG],
  waiting: 5_000,
  contactsPerQueue: 100_000,
}
/** Numbers at their widest, and few queues: as large as tiles let them be. */
const FEW: StubOptions = { ...EXTREME, queueNames: [LONG, ARABIC] }
/** The fourth queue of the stub has had no call today, the fifth is closed. */
const NO_CALLS: StubOptions = { ...EXTREME, queueNames: ['', '', '', LONG, ARABIC], waiting: 0 }
const SIZES = [
  [1920, 1080],
  [3840, 2160],
  [1440, 900],
  [820, 1180],
  [390, 844],
] as const

let browser: Browser
let stub: PageStub

beforeAll(async () => {
  if (browserMissing !== undefined) return
  stub = await startPageStub(EXTREME)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await stub?.stop()
})

/**
 * What cannot be read: text beyond its tile's edge where nothing scrolls, text that is cut without a tip that tells all of it,
 * cells and rows that run into each other, and a page wider than its window.
 */
const UNREADABLE = `(() => {
  const found = []
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
  if (wide > 0) found.push('the page is ' + wide + ' px wider than its window')
  const say = (tile, what, element) => found.push(tile.dataset.tile + ' ' + what + ': ' + element.innerText.trim().slice(0, 60))
  for (const tile of document.querySelectorAll('[data-tile]')) {
    const edge = tile.getBoundingClientRect()
    const walker = document.createTreeWalker(tile, NodeFilter.SHOW_TEXT)
    for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
      if (text.data.trim() === '') continue
      const element = text.parentElement
      if (!element.checkVisibility() || element.closest('.visually-hidden, title') !== null) continue
      const range = document.createRange()
      range.selectNodeContents(text)
      const box = range.getBoundingClientRect()
      if (box.width === 0) continue
      let cutBy = null
      let scrolls = false
      let hidden = false
      for (let up = element; up !== tile && !scrolls; up = up.parentElement) {
        const { overflowX, overflowY, clipPath } = getComputedStyle(up)
        hidden ||= clipPath !== 'none'
        const within = up.getBoundingClientRect()
        const beyond = box.right > within.right + 1 || box.left < within.left - 1
        if (overflowX === 'hidden' && beyond) cutBy ??= up
        if (overflowY === 'auto' || overflowY === 'scroll') {
          scrolls = true
          if (beyond && cutBy === null && !hidden) say(tile, 'lies beyond its list', element)
        }
      }
      if (hidden) continue
      if (cutBy !== null && element.closest('[title]') === null) say(tile, 'is cut without a tip', element)
      if (scrolls) continue
      if (cutBy === null && (box.right > edge.right + 1 || box.left < edge.left - 1)) say(tile, 'lies beyond its tile', element)
      if (box.bottom > edge.bottom + 1) say(tile, 'lies below its tile', element)
    }
    for (const cell of tile.querySelectorAll('[data-queue] > td'))
      if (cell.scrollWidth > cell.clientWidth + 1) say(tile, 'runs into its neighbour', cell)
    for (const row of tile.querySelectorAll('[data-queue]'))
      if (row.scrollHeight > row.clientHeight + 2) say(tile, 'runs into the next row', row)
  }
  return [...new Set(found)].slice(0, 20)
})()`

async function board(page: Page, boardId: string): Promise<readonly string[]> {
  await page.goto('about:blank')
  await page.goto(`${stub.url}/#/boards/${boardId}`)
  await page.waitForSelector('[data-testid=board-grid]')
  await page.evaluate('document.fonts.ready.then(() => true)')
  // Tiles out of sight are laid out too, so that they can be looked at.
  await page.addStyleTag({ content: '[data-tile] { content-visibility: visible !important }' })
  return page.evaluate<string[]>(UNREADABLE)
}

async function turned(page: Page, parts: Locator): Promise<string> {
  await page.clock.runFor(1_000)
  return parts.innerText()
}

describe.skipIf(browserMissing !== undefined)('composed tiles', { timeout: 300_000 }, () => {
  for (const [name, options, locale] of [
    ['60 queues of 5 000 waiting', EXTREME, 'fr-FR'],
    ['two queues of 100 000 calls', FEW, 'en-GB'],
    ['queues without a call', NO_CALLS, 'fr-FR'],
  ] as const)
    test(`show ${name} at every size without a word that is cut or covered: ${locale}`, async () => {
      stub.use(options)
      const found: string[] = []
      const page = await browser.newPage({ locale, reducedMotion: 'reduce' })
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height })
        for (const boardId of ['figures', 'kinds'])
          found.push(...(await board(page, boardId)).map((text) => `${width} ${boardId} ${text}`))
      }
      await page.close()
      expect(found).toEqual([])
    })

  test('are legible: no figure is smaller than the smallest letters', async () => {
    stub.use(EXTREME)
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    await board(page, 'figures')
    const smallest = await page.evaluate<number>(
      `Math.min(...[...document.querySelectorAll('[data-tile] :is(.value, h2, .beside)')].map((one) => Number.parseFloat(getComputedStyle(one).fontSize)))`,
    )
    expect(smallest).toBeGreaterThanOrEqual(12)
    expect(await page.locator('[data-measure=arrivals]').first().getAttribute('data-value')).toBe('4800000')
    await page.close()
  })

  test('say how many parts a list has, and turn them where nobody can scroll', async () => {
    stub.use(EXTREME)
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    await page.clock.install()
    await board(page, 'kinds')
    const parts = page.locator('[data-tile=queues]').getByTestId('tile-pages')
    await page.clock.runFor(1_000)
    await parts.waitFor()
    expect(await parts.innerText()).toMatch(/^1\/\d+$/)
    // Somebody sits there: the list stays until it is scrolled by hand.
    await page.clock.runFor(30_000)
    expect(await parts.innerText()).toMatch(/^1\//)
    // On a wall nobody does.
    await page.getByTestId('wall-options').click()
    await page.getByRole('button', { name: 'Full screen' }).click()
    await page.waitForFunction('document.fullscreenElement !== null')
    await expect.poll(() => turned(page, parts), { timeout: 30_000 }).toMatch(/^2\//)
    await page.close()
  })
})
