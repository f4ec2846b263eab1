/** Every page in a real browser: axe finds nothing, in both languages and both lights; a phone never scrolls sideways; no message on the console. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserMissing, launchBrowser } from '../support/browser.ts'
import { type PageStub, type StubOptions, startPageStub } from '../support/page-stub.ts'

const NAMES = [
  'Assurance Auto',
  'Banque · Cartes et moyens de paiement, oppositions et réclamations du grand public',
  'خدمة العملاء والدعم الفني للخطوط الثابتة',
  'Énergie',
  'Télécom',
  'Voyage',
]
const DIRECTOR: StubOptions = { role: 'director', queueNames: NAMES }
const PAGES: readonly (readonly [hash: string, ready: string, options: StubOptions])[] = [
  ['#/wall', '[data-queue]', DIRECTOR],
  ['#/wall', '[data-testid=wall] h2', { ...DIRECTOR, queueNames: [] }],
  ['#/boards/figures', '[data-measure]', DIRECTOR],
  ['#/boards/kinds', '[data-tile] [data-queue]', DIRECTOR],
  ['#/boards', '[data-testid=boards] h1', DIRECTOR],
  ['#/plan/queue-0/2026-11-24', '[data-testid=way-sure]', DIRECTOR],
  ...['', '/week', '/four-weeks', '/quarter'].map(
    (span) => [`#/forecast/queue-0/2026-11-24${span}`, '[data-testid=quality] svg', DIRECTOR] as const,
  ),
  ['#/forecast/queue-0/2026-11-24', '[data-testid=quality] svg', { ...DIRECTOR, role: 'supervisor' }],
  ['#/reports/2026-11-24', '[data-testid=report] [data-client]', DIRECTOR],
  ['#/reports/2026-11-24', '[data-testid=report] [data-client]', { ...DIRECTOR, role: 'client' }],
  ['#/agents/agent-0/2026-11-24', '[data-testid=agent-now]', DIRECTOR],
  ['#/board/at/2026-11-24T14:00:00.000Z', '[data-testid=moment] [data-queue]', DIRECTOR],
  ['#/contacts/queue-0/2026-11-24/all', '[data-contact]', DIRECTOR],
  ...[
    'site',
    'queues/queue-0',
    'clients/acme',
    'teams/one',
    'agents/anna',
    'schedules',
    'thresholds',
    'sources/switch',
    'people',
  ].map((section) => [`#/setup/${section}`, '.page h1', DIRECTOR] as const),
  ['#/', 'main h1', { ...DIRECTOR, role: null }],
]

/** What is pressed, by keyboard, and which window comes. */
const DIALOGS: readonly (readonly [hash: string, opener: string, dialog: string])[] = [
  ['#/wall', '[data-testid=ahead-open]', 'ahead-dialog'],
  ['#/wall', '[data-figure=projected] button', 'ahead-dialog'],
  ['#/wall', '[data-figure=available] button', 'agents-dialog'],
  ['#/wall', '[data-testid=wall-options] > then > [data-testid=wall-alerts]', 'alert-dialog'],
  ['#/wall', '[data-testid=alerts] button', 'alert-dialog'],
  ['#/boards/figures', '[data-testid=open-lens]', 'lens-dialog'],
  ['#/boards/figures', '[data-measure=heads-missing] button', 'agents-dialog'],
  ['#/boards/figures', '[data-measure=occupancy] button', 'agents-dialog'],
]

let browser: Browser
let stub: PageStub
let axe = ''

beforeAll(async () => {
  if (browserMissing !== undefined) return
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  stub = await startPageStub(DIRECTOR)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await stub?.stop()
})

async function opened(
  hash: string,
  ready: string,
  options: StubOptions,
  width: number,
  theme: 'light' | 'dark',
  locale: string,
) {
  stub.use({ ...options, theme })
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 1080 },
    colorScheme: theme,
    locale,
    reducedMotion: 'reduce',
  })
  await context.addInitScript(`localStorage.setItem('vigie.wall-theme', '${theme}')`)
  const page = await context.newPage()
  const messages: string[] = []
  page.on('console', (message) => {
    // The browser itself reports the 401 that says that nobody is signed in.
    if (['error', 'warning'].includes(message.type()) && options.role !== null) messages.push(message.text())
  })
  page.on('pageerror', (error) => messages.push(error.message))
  await page.goto(`${stub.url}/${hash}`)
  await page.waitForSelector(ready)
  // Everything that can be opened is looked at opened.
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
  const revisions = page.getByTestId('revisions-open').first()
  if ((await revisions.count()) > 0) {
    await revisions.click()
    await page.waitForSelector('[data-testid=interval-revisions] [data-sum=offered]')
  }
  const contact = page.locator('[data-contact] button').first()
  if ((await contact.count()) > 0) {
    await contact.click()
    await page.waitForSelector('[data-testid=contact-events]')
  }
  const note = page.getByTestId('note-new')
  if ((await note.count()) > 0) {
    await note.click()
    await page.getByTestId('note-save').waitFor()
  }
  return { page, messages, close: () => context.close() }
}

async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`),
  )
}

describe.skipIf(browserMissing !== undefined)('every page', { timeout: 300_000 }, () => {
  for (const [locale, theme] of [
    ['fr-FR', 'light'],
    ['en-GB', 'dark'],
  ] as const)
    test(`is clean by axe and quiet on the console: ${locale}, ${theme}`, async () => {
      const found: string[] = []
      for (const [hash, ready, options] of PAGES) {
        const { page, messages, close } = await opened(hash, ready, options, 1440, theme, locale)
        expect(await page.evaluate('document.documentElement.lang'), hash).toBe(locale.slice(0, 2))
        found.push(...[...(await findings(page)), ...messages].map((text) => `${hash} ${text}`))
        await close()
      }
      expect(found).toEqual([])
    })

  test('fits a phone of 390 px without scrolling sideways, and is clean there too', async () => {
    const found: string[] = []
    for (const [hash, ready, options] of PAGES) {
      const { page, close } = await opened(hash, ready, options, 390, 'light', 'fr-FR')
      const width = await page.evaluate('document.documentElement.scrollWidth')
      if (Number(width) > 390) found.push(`${hash} is ${width} px wide`)
      found.push(...(await findings(page)).map((text) => `${hash} ${text}`))
      await close()
    }
    expect(found).toEqual([])
  })

  test('the wall fits 1080p and 4K without scrolling, with long names, a full page of queues and 5 000 waiting', async () => {
    for (const [width, height] of [
      [1920, 1080],
      [3840, 2160],
    ] as const) {
      stub.use({
        ...DIRECTOR,
        queueNames: Array.from({ length: 60 }, (_, i) => `${NAMES[i % 3]} ${i}`),
        waiting: 5_000,
      })
      const page = await browser.newPage({ viewport: { width, height } })
      await page.goto(`${stub.url}/#/wall`)
      await page.waitForSelector('[data-queue]')
      const inner = await page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]',
      )
      expect(inner).toEqual([width, height])
      // No cell runs over its neighbour.
      const crowded = await page.evaluate(
        `[...document.querySelectorAll('[data-queue] > td')].filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.innerText)`,
      )
      expect(crowded).toEqual([])
      await page.close()
    }
  })

  test('a wall of more queues than its page holds is printed whole, over as many sheets as it needs', async () => {
    stub.use({ ...DIRECTOR, queueNames: Array.from({ length: 30 }, (_, i) => `Queue ${i}`) })
    const page = await browser.newPage({ colorScheme: 'dark' })
    await page.goto(`${stub.url}/#/wall`)
    await page.waitForSelector('[data-queue]')
    const rows = page.locator('[data-queue]')
    expect(await rows.count()).toBeLessThan(30)
    // What stands there while the browser lays out the paper: its events come one after the other.
    await page.evaluate(
      `addEventListener('beforeprint', () => { globalThis.printed = document.querySelectorAll('[data-queue]').length })`,
    )
    const pdf = await page.pdf({ preferCSSPageSize: true })
    expect(await page.evaluate('globalThis.printed')).toBe(30)
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(1)
    await expect.poll(() => rows.count()).toBeLessThan(30)
    await page.close()
  })

  test('the lists of a composed board are printed whole', async () => {
    stub.use({ ...DIRECTOR, queueNames: Array.from({ length: 30 }, (_, i) => `Queue ${i}`) })
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(`${stub.url}/#/boards/kinds`)
    await page.waitForSelector('[data-tile] [data-queue]')
    const cut = `[...document.querySelectorAll('[data-tile]')].filter((tile) => {
      const bottom = tile.getBoundingClientRect().bottom + 1
      return [...tile.querySelectorAll('tr, li')].some((row) => row.getBoundingClientRect().bottom > bottom)
    }).map((tile) => tile.dataset.kind)`
    expect(await page.evaluate(cut)).not.toEqual([])
    await page.emulateMedia({ media: 'print' })
    expect(await page.evaluate(cut)).toEqual([])
    await page.close()
  })

  for (const [locale, theme] of [
    ['fr-FR', 'light'],
    ['en-GB', 'dark'],
  ] as const)
    test(`a window over the board is clean, holds the focus and gives it back: ${locale}, ${theme}`, async () => {
      for (const [hash, opener, dialog] of DIALOGS) {
        const { page, messages, close } = await opened(
          hash,
          opener.split(' ')[0] ?? '',
          DIRECTOR,
          1440,
          theme,
          locale,
        )
        const last = opener.split(' > then > ')
        for (const one of last) await page.locator(one).first().press('Enter')
        await page.getByTestId(dialog).waitFor()
        const found = [...(await findings(page)), ...messages]
        expect(
          found.map((text) => `${dialog} ${text}`),
          hash,
        ).toEqual([])
        const within = `document.querySelector('[data-testid=${dialog}]').contains(document.activeElement)`
        expect(await page.evaluate(within)).toBe(true)
        await page.keyboard.press('Escape')
        await page.getByTestId(dialog).waitFor({ state: 'detached' })
        // What was pressed last, or the button of the panel that it was in.
        const back = await page.evaluate(
          `document.activeElement.matches(${JSON.stringify(`${last.at(-1)}, ${last[0]}`)})`,
        )
        expect([dialog, back]).toEqual([dialog, true])
        await close()
      }
    })
})
