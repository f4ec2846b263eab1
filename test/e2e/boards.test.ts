/** Composed boards in a real browser: composed with live figures, stored, shared with a screen, revoked; French, phone, print. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toCloudEvent } from '../../server/simulator/recorder.ts'
import { browserMissing } from '../support/browser.ts'
import { type Product, startServe, temporaryFolder } from '../support/product.ts'
import { SMALL_DAY, smallDay } from '../support/simulated-day.ts'
import { overflow, PageMaker, PHONE, WALL, type WatchedPage } from './pages.ts'
import { command, createToken, dayReport, eventually, type Place, postEvents } from './support.ts'

const NOW_MS = Date.parse(`${SMALL_DAY}T15:10:00Z`)
const CLOCK = ['--clock-start', new Date(NOW_MS).toISOString()]
/** What a browser itself says of the answer that a revoked or used link gets, and of a server that is away. */
const REFUSED = /401|WebSocket connection to/
const AWAY = /ERR_CONNECTION|ERR_SOCKET|ERR_EMPTY_RESPONSE|WebSocket connection to|ERR_INTERNET|ERR_FAILED/

describe.skipIf(browserMissing !== undefined)(`composed boards ${browserMissing ?? ''}`, () => {
  let place: Place
  let server: Product
  let pages: PageMaker
  let sam: WatchedPage
  let readToken = ''
  let axe = ''
  let boardPath = ''
  /** The day until the server's clock: people are still at work. */
  const events = smallDay(4).events.filter(({ occurredAtMs }) => occurredAtMs <= NOW_MS)

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    place = { argv: ['--data-dir', await temporaryFolder()], env: {} }
    server = await startServe([...place.argv, ...CLOCK])
    const ingest = await createToken(place, 'ingest')
    readToken = await createToken(place, 'read')
    for (let at = 0; at < events.length; at += 500) {
      const part = events.slice(at, at + 500).map((event) => toCloudEvent(event))
      expect((await postEvents(server.url, ingest, part)).status).toBe(200)
    }
    pages = await PageMaker.launch()
    sam = await pages.visitor('en-GB', WALL)
    await sam.page.goto(
      await command(['user', 'create', '--role', 'supervisor', '--name', 'Sam', ...place.argv]),
    )
    await sam.page.getByTestId('wall').waitFor()
  })
  afterAll(async () => {
    await pages?.close()
    await server?.stop()
  })

  const axeFindings = async (page: Page) => {
    await page.evaluate(axe)
    const { violations } = (await page.evaluate('axe.run()')) as AxeResults
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  }
  const open = async (page: Page, hash: string) => {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  }
  const addTile = async (kind: string, measure?: string) => {
    await sam.page.getByTestId('add-tile').click()
    await sam.page.getByTestId('tile-kind').selectOption(kind)
    if (measure !== undefined) await sam.page.getByTestId('tile-measure').selectOption(measure)
  }
  const figure = (page: Page, measure: string) =>
    page.locator(`[data-measure=${measure}]`).first().getAttribute('data-value')

  it('is composed with live figures: tiles come, move, change size, go, and every step can be undone', async () => {
    const { page } = sam
    await open(page, '#/boards')
    await page.getByTestId('new-board').click()
    await page.getByTestId('composer').waitFor()
    await page.locator('[data-choose]').first().waitFor()
    const count = () => page.locator('[data-choose]').count()
    const start = await count()
    for (const measure of ['level-today', 'waiting', 'arrivals', 'abandoned'])
      await addTile('figure', measure)
    for (const kind of ['coverage', 'agents', 'intervals', 'sparkline']) await addTile(kind)
    expect(await count()).toBe(start + 8)
    // The preview shows the ledger's own figures.
    const report = await dayReport(server.url, readToken, SMALL_DAY)
    const offered = report.queues.reduce((sum, queue) => sum + queue.offered, 0)
    expect(Number(await figure(page, 'arrivals'))).toBe(offered)
    const total = page.getByTestId('interval-table').locator('tfoot tr')
    expect(Number(await total.getAttribute('data-offered'))).toBe(offered)

    // By keyboard alone: forward, larger, gone, and back.
    const order = () =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('[data-choose]')].map((one) => one.dataset.choose)`,
      )
    const before = await order()
    const last = before.at(-1) ?? ''
    await page.locator(`[data-choose="${last}"]`).focus()
    await page.keyboard.press('ArrowLeft')
    expect((await order()).at(-2)).toBe(last)
    await page.keyboard.press('Delete')
    expect(await count()).toBe(start + 7)
    await page.getByTestId('undo').click()
    await page.getByTestId('undo').click()
    expect(await order()).toEqual(before)

    // By mouse: dragged onto its neighbour's place.
    const [first = '', second = '', third = ''] = before
    await page.locator(`[data-choose="${second}"]`).dragTo(page.locator(`[data-choose="${third}"]`))
    expect((await order()).slice(0, 3)).toEqual([first, third, second])
    sam.expectNoErrors()
  })

  it('says at once when amber would not lie between, and refuses to store it', async () => {
    const { page } = sam
    await addTile('figure', 'longest-wait')
    await page.getByTestId('own-thresholds').check()
    await page.getByTestId('amber-from').fill('60')
    await page.getByTestId('red-from').fill('30')
    await page.getByTestId('red-from').blur()
    await page.locator('.field-error').waitFor()
    await page.getByTestId('save-board').click()
    await eventually(async () =>
      expect(await page.getByTestId('save-status').innerText()).toContain('amber lies between'),
    )
    await page.getByTestId('red-from').fill('120')
    await page.getByTestId('red-from').blur()
    sam.expectNoErrors(/422/)
  })

  it('takes thresholds for the columns of its table, with amber always between', async () => {
    const { page } = sam
    await page.locator('[data-choose]').first().click()
    expect(await page.getByTestId('tile-kind').inputValue()).toBe('queues')
    await page.getByTestId('column-thresholds').click()
    const waiting = page.locator('[data-column=waiting]')
    await waiting.getByTestId('own-thresholds').check()
    await waiting.getByTestId('amber-from').fill('1')
    await waiting.getByTestId('amber-from').blur()
    await waiting.getByTestId('red-from').fill('1')
    await waiting.getByTestId('red-from').blur()
    await waiting.locator('.field-error').waitFor()
    await page.getByTestId('save-board').click()
    await eventually(async () =>
      expect(await page.getByTestId('save-status').innerText()).toContain('columnThresholds/waiting/redFrom'),
    )
    await waiting.getByTestId('red-from').fill('100')
    await waiting.getByTestId('red-from').blur()
    await waiting.locator('.field-error').waitFor({ state: 'detached' })
    sam.expectNoErrors(/422/)
  })

  it('is stored, shown at its own address, and clean by axe in the composer and on the wall', async () => {
    const { page } = sam
    await page.getByTestId('board-name').fill('Hall A')
    await page.getByTestId('save-board').click()
    await eventually(async () =>
      expect(await page.getByTestId('save-status').innerText()).toContain('version 1'),
    )
    expect(await axeFindings(page)).toEqual([])
    boardPath = (await page.evaluate<string>('location.hash')).replace('/edit', '')
    await open(page, boardPath)
    await page.getByTestId('board-grid').waitFor()
    expect(await page.locator('[data-tile]').count()).toBeGreaterThan(8)
    expect(await axeFindings(page)).toEqual([])
    sam.expectNoErrors()
  })

  it('leads from each figure to the contacts behind it, so many of them, and from an agent to the day', async () => {
    const { page } = sam
    const listed = async () => {
      const count = page.getByTestId('contact-count')
      await count.waitFor()
      return Number(await count.getAttribute('data-value'))
    }
    const [{ queue: quietQueue } = { queue: '' }] = (await dayReport(server.url, readToken, SMALL_DAY)).queues
    const calls = ['late-1', 'late-2'].map((contactId) => ({
      specversion: '1.0',
      id: contactId,
      source: '/pbx',
      type: 'cc.contact.queued.v1',
      time: new Date(NOW_MS - 60_000).toISOString(),
      data: { contactId, queueId: quietQueue },
    }))
    expect((await postEvents(server.url, await createToken(place, 'ingest'), calls)).body.accepted).toBe(2)
    const report = await dayReport(server.url, readToken, SMALL_DAY)
    const sum = (field: 'waiting' | 'abandoned') =>
      report.queues.reduce((total, queue) => total + queue[field], 0)
    expect(sum('waiting')).toBeGreaterThan(0)
    for (const [measure, wanted] of [
      ['waiting', sum('waiting')],
      ['abandoned', sum('abandoned')],
    ] as const) {
      await open(page, boardPath)
      const link = page.locator(`[data-measure=${measure}] a`).first()
      await (measure === 'waiting' ? link.press('Enter') : link.click())
      expect([measure, await listed()]).toEqual([measure, wanted])
      if (measure === 'waiting') expect(await page.locator('[data-contact]').count()).toBe(wanted)
    }
    await open(page, boardPath)
    // The thresholds of the table's column: amber from one on, and nobody near red.
    for (const { queue, waiting } of report.queues) {
      const state = page.locator(`[data-tile] [data-queue="${queue}"] td:nth-of-type(3) [data-threshold]`)
      await state.waitFor()
      expect([queue, await state.getAttribute('data-threshold')]).toEqual([
        queue,
        waiting > 0 ? 'limit' : 'kept',
      ])
    }
    const row = page
      .getByTestId('interval-table')
      .locator('tbody tr', { has: page.locator('td:nth-child(3) a') })
      .first()
    const offered = Number(await row.getAttribute('data-offered'))
    await row.locator('td:nth-child(3) a').click()
    expect(await listed()).toBe(offered)

    // On the wall: a figure goes its own way, the rest of its row to the queue's day.
    const waits = report.queues.find(({ waiting }) => waiting > 0)
    const cell = `[data-queue="${waits?.queue}"]`
    await open(page, '#/wall')
    await page.locator(`${cell} [data-figure=waiting] a`).click()
    expect(await listed()).toBe(waits?.waiting)
    await open(page, '#/wall')
    const level = page.locator(`${cell} [data-figure=halfHour]`)
    await level.locator('a').click()
    const { hash } = new URL(page.url())
    expect(decodeURIComponent(hash)).toMatch(/missed=SL\d~\d+~5$/)
    await listed()
    await open(page, '#/wall')
    await page.locator(`${cell} [data-figure=chance]`).click({ force: true })
    expect(await listed()).toBe(waits?.offered)

    await open(page, boardPath)
    await page.getByTestId('agent-table').locator('tbody th a').first().click()
    await page.getByTestId('agent-page').waitFor()
    sam.expectNoErrors()
  })

  it('opens the formula lens with all eight formulas over the same counts', async () => {
    const { page } = sam
    await open(page, boardPath)
    await page.getByTestId('open-lens').first().click()
    const lens = page.getByTestId('lens-dialog')
    await lens.waitFor()
    expect(await lens.locator('[data-formula]').count()).toBe(8)
    const report = await dayReport(server.url, readToken, SMALL_DAY)
    // Added by hand from the report's counts: answered in time over answered, all queues.
    const sum = (field: 'answered' | 'answeredWithinThreshold') =>
      report.queues.reduce((total, queue) => total + queue[field], 0)
    expect(Number(await lens.locator('[data-formula=SL2]').getAttribute('data-value'))).toBeCloseTo(
      sum('answeredWithinThreshold') / sum('answered'),
      9,
    )
    expect(await axeFindings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await lens.waitFor({ state: 'detached' })
    sam.expectNoErrors()
  })

  it('shows a queue that is gone in its place, and the rest goes on', async () => {
    const { page } = sam
    const cookie = (await sam.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    const boardId = boardPath.split('/').at(-1) ?? ''
    const headers = { cookie, origin: server.url, 'content-type': 'application/json' }
    const stored = (await (await fetch(`${server.url}/api/v1/boards/${boardId}`, { headers })).json()) as {
      version: number
      body: { pages: { tiles: { scope: unknown }[] }[] }
    }
    const tile = stored.body.pages[0]?.tiles[0]
    if (tile === undefined) throw new Error('no tile')
    const kept = tile.scope
    tile.scope = { kind: 'queues', queueIds: ['queue-of-yesterday'] }
    const put = async (version: number) =>
      fetch(`${server.url}/api/v1/boards/${boardId}`, {
        method: 'PUT',
        headers,
        body: JSON.stringify({ version, body: stored.body }),
      })
    expect((await put(stored.version)).status).toBe(200)
    // The open page follows without a reload.
    await page.getByTestId('queue-gone').waitFor()
    expect(await page.getByTestId('queue-gone').innerText()).toContain('queue-of-yesterday')
    expect(Number(await figure(page, 'arrivals'))).toBeGreaterThan(0)
    // An older version than the newest is refused: nobody overwrites what he has not seen.
    expect((await put(stored.version)).status).toBe(409)
    tile.scope = kept
    expect((await put(stored.version + 1)).status).toBe(200)
    await page.getByTestId('queue-gone').waitFor({ state: 'detached' })
    sam.expectNoErrors()
  })

  it('is shared with a screen by a link that works once, names nobody, and goes dark when it is revoked', async () => {
    const { page } = sam
    await open(page, '#/boards')
    await page.getByTestId('screens').first().click()
    await page.getByTestId('link-label').fill('Hall A, north')
    await page.getByTestId('make-link').click()
    const address = await page.getByTestId('link-address').innerText()
    expect(address).toContain('/#/screen/')

    const screen = await pages.visitor('fr-FR', WALL)
    await screen.page.goto(address)
    await screen.page.getByTestId('board-grid').waitFor()
    // The secret is gone from the address, the board speaks the screen's language, and nobody is named.
    expect(await screen.page.evaluate('location.hash')).toBe('#/screen')
    expect(await screen.page.evaluate('document.documentElement.lang')).toBe('fr')
    expect(await screen.page.getByTestId('agent-table').locator('tbody th').first().innerText()).toMatch(
      /^Agent \d+$/,
    )
    expect(await screen.page.locator('[data-tile] a').count()).toBe(0)
    expect(await axeFindings(screen.page)).toEqual([])
    // Its cookie opens this board and nothing else.
    const elsewhere = await screen.page.evaluate<number[]>(
      `Promise.all(['/api/v1/boards', '/api/v1/settings/queue', '/api/v1/live', '/api/v1/me'].map((path) => fetch(path).then((answer) => answer.status)))`,
    )
    expect(elsewhere).toEqual([401, 401, 401, 401])
    screen.expectNoErrors(/401/)
    // After a reload by the same screen; not on another one.
    await screen.page.reload()
    await screen.page.getByTestId('board-grid').waitFor()
    const other = await pages.visitor()
    await other.page.goto(address)
    await other.page.getByRole('heading', { name: 'This link does not open a board' }).waitFor()
    other.expectNoErrors(REFUSED)

    await open(page, '#/wall')
    await open(page, '#/boards')
    await page.getByTestId('screens').first().click()
    const used = page.locator('[data-last-use]').first()
    await used.waitFor()
    expect(Number(await used.getAttribute('data-last-use'))).toBeGreaterThan(0)
    await page.getByTestId('revoke-link').click()
    await screen.page.getByRole('heading', { name: 'Le lien de cet écran a été révoqué' }).waitFor()
    expect(await screen.page.locator('[data-tile]').count()).toBe(0)
    await screen.page.reload()
    await screen.page.getByRole('heading', { name: 'Ce lien n’ouvre aucun tableau' }).waitFor()
    screen.expectNoErrors(REFUSED)
    sam.expectNoErrors()
  })

  it('is copied, deleted and restored', async () => {
    const { page } = sam
    await open(page, '#/wall')
    await open(page, '#/boards')
    await page.getByTestId('copy-board').first().click()
    await page.getByRole('heading', { name: 'Hall A (copy)' }).waitFor()
    const row = page.locator('[data-board]', { hasText: 'Hall A (copy)' })
    await row.getByTestId('delete-board').click()
    await page.locator('[data-deleted]').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.getByTestId('restore-board').click()
    await row.waitFor()
    expect(await page.locator('[data-deleted]').count()).toBe(0)
    sam.expectNoErrors()
  })

  it('says that somebody stored a newer version, and offers theirs or a copy', async () => {
    const { page } = sam
    const other = await pages.page(sam.context)
    const edit = `${boardPath}/edit`
    await other.page.goto(`${server.url}/${edit}`)
    await other.page.getByTestId('board-name').waitFor()
    await open(page, edit)
    await page.getByTestId('composer').waitFor()
    const save = async (on: Page, name: string) => {
      await on.getByTestId('board-name').fill(name)
      await on.getByTestId('save-board').click()
    }
    const conflict = page.getByRole('alert').filter({ hasText: 'newer version' })
    await save(other.page, 'Hall A, by another')
    await other.page.getByTestId('save-status').getByText('Saved as version').waitFor()
    await save(page, 'Hall A, mine')
    await conflict.waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole('button', { name: 'Load theirs' }).click()
    await conflict.waitFor({ state: 'detached' })
    expect(await page.getByTestId('board-name').inputValue()).toBe('Hall A, by another')
    // Once more, and this time mine is kept beside theirs.
    await save(other.page, 'Hall A')
    await other.page.getByTestId('save-status').getByText('Saved as version').waitFor()
    await save(page, 'Hall A, mine')
    await conflict.waitFor()
    await page.getByRole('button', { name: 'Save as a copy' }).click()
    await page.getByTestId('save-status').getByText('Saved as version 1').waitFor()
    await open(page, '#/boards')
    await page.getByRole('heading', { name: 'Hall A, mine (copy)' }).waitFor()
    await page.getByRole('heading', { name: 'Hall A', exact: true }).waitFor()
    sam.expectNoErrors(/409/)
    other.expectNoErrors()
    await other.page.close()
  })

  it('has alert thresholds of its own, which nobody overwrites unseen', async () => {
    const link = await command(['user', 'create', '--role', 'director', '--name', 'Dora', ...place.argv])
    const dora = await pages.visitor('en-GB')
    await dora.page.goto(link)
    await dora.page.getByRole('navigation').first().waitFor()
    const twice = [dora, await pages.page(dora.context)] as const
    const boardId = boardPath.split('/').at(-1) ?? ''
    for (const { page } of twice) {
      await page.goto(`${server.url}/#/setup/thresholds`)
      await page.getByTestId('thresholds-scope').selectOption(boardId)
      await page.getByTestId('thresholds-own').check()
    }
    const fill = async (on: Page, seconds: string) => {
      await on.locator('[name=longestWaitSeconds]').fill(seconds)
      await on.getByTestId('thresholds-save').click()
    }
    const [first, second] = twice
    await fill(first.page, '35')
    await first.page.getByTestId('saved').waitFor()
    await fill(second.page, '999')
    await second.page.getByRole('alert').filter({ hasText: 'meanwhile' }).waitFor()
    expect(await axeFindings(second.page)).toEqual([])
    await second.page.getByRole('alert').getByRole('button').click()
    await eventually(async () =>
      expect(await second.page.locator('[name=longestWaitSeconds]').inputValue()).toBe('35'),
    )
    first.expectNoErrors()
    second.expectNoErrors(/409/)
    // The board raises its own alert by them; the site's board keeps to the site's.
    const { page } = sam
    await open(page, boardPath)
    await page.getByTestId('alerts').getByText('a wait of more than 0:35').waitFor()
    await open(page, '#/wall')
    await page.getByTestId('wall').waitFor()
    expect(await page.getByText('a wait of more than 0:35').count()).toBe(0)
    await dora.page.close()
    await second.page.close()
    sam.expectNoErrors()
  })

  it('fits a phone, in French', async () => {
    const link = await command(['user', 'create', '--role', 'supervisor', '--name', 'Léa', ...place.argv])
    const phone = await pages.visitor('fr-FR', PHONE)
    await phone.page.goto(link)
    await phone.page.getByTestId('wall').waitFor()
    await open(phone.page, boardPath)
    await phone.page.getByTestId('board-grid').waitFor()
    expect(await overflow(phone.page)).toBe(0)
    expect(await axeFindings(phone.page)).toEqual([])
    await open(phone.page, '#/boards')
    await phone.page.getByTestId('boards').waitFor()
    expect(await overflow(phone.page)).toBe(0)
    phone.expectNoErrors()
  })

  it('is opened without a network from what the browser keeps, and reconnects by itself', async () => {
    const { page } = sam
    await open(page, boardPath)
    await page.getByTestId('board-grid').waitFor()
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
    await eventually(async () =>
      expect(
        await page.evaluate<number>(
          `caches.keys().then((names) => caches.open(names[0])).then((cache) => cache.keys()).then((keys) => keys.length)`,
        ),
      ).toBeGreaterThan(10),
    )
    const { port } = server
    await server.stop()
    await page.reload()
    // The frame of the page is there although nothing answers.
    await page.getByRole('heading').first().waitFor()
    server = await startServe([...place.argv, ...CLOCK, '--port', String(port)])
    await page.getByTestId('board-grid').waitFor({ timeout: 30_000 })
    expect(Number(await figure(page, 'arrivals'))).toBeGreaterThan(0)
    sam.expectNoErrors(AWAY)
  })
})
