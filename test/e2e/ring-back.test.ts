/** Ringing back and set-up in a real browser: masked numbers, one supervisor takes a caller and the other sees it, rights, schedules. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { browserMissing } from '../support/browser.ts'
import { type Product, startServe, temporaryFolder } from '../support/product.ts'
import { overflow, PageMaker, PHONE, pageFetch, type WatchedPage } from './pages.ts'
import { command, createToken, dayReport, eventually, type Place, postEvents } from './support.ts'

const NOW_MS = Date.parse('2026-03-02T11:40:00Z')
const DAY = '2026-03-02'
const NUMBERS = ['+33612345678', '+33698765432', '+33655544433']

function calls() {
  const event = (id: string, type: string, data: Record<string, unknown>, atMs: number) => ({
    specversion: '1.0',
    id,
    source: '/test',
    type,
    time: new Date(atMs).toISOString(),
    data,
  })
  const at = (minutesAgo: number) => NOW_MS - minutesAgo * 60_000
  const queued = (contactId: string, minutesAgo: number, callerNumber: string) =>
    event(
      `${contactId}-q`,
      'cc.contact.queued.v1',
      { contactId, queueId: 'orders', callerNumber },
      at(minutesAgo),
    )
  const given = NUMBERS.flatMap((number, index) => {
    const contactId = `gave-up-${index}`
    const minutesAgo = 80 - index * 20
    const left = { contactId, queueId: 'orders', waitSeconds: 45 }
    return [
      queued(contactId, minutesAgo, number),
      event(`${contactId}-x`, 'cc.contact.abandoned.v1', left, at(minutesAgo) + 45_000),
    ]
  })
  const agentId = 'anna'
  return [
    event('on', 'cc.agent.logged-on.v1', { agentId }, at(120)),
    event('in', 'cc.agent.queue-joined.v1', { agentId, queueId: 'orders' }, at(120)),
    ...given,
    queued('through', 15, NUMBERS[1] ?? ''),
    event(
      'a',
      'cc.contact.answered.v1',
      { contactId: 'through', queueId: 'orders', agentId, waitSeconds: 30 },
      at(14.5),
    ),
    event('e', 'cc.contact.ended.v1', { contactId: 'through', agentId, talkSeconds: 90 }, at(13)),
  ]
}

describe.skipIf(browserMissing !== undefined)(`ringing back ${browserMissing ?? ''}`, () => {
  let place: Place
  let server: Product
  let pages: PageMaker
  let dora: WatchedPage
  let sam: WatchedPage
  let axe = ''
  let abandoned = 0

  const signedIn = async (role: string, name: string, locale: 'en-GB' | 'fr-FR' = 'en-GB') => {
    const watched = await pages.visitor(locale)
    const link = await command(['user', 'create', '--role', role, '--name', name, ...place.argv])
    await watched.page.goto(link)
    // Signed in is who has left the sign-in page: an address that is opened before would be left again.
    await watched.page.waitForURL((url) => !url.hash.startsWith('#/sign-in'))
    await watched.page.locator('[data-testid=wall], .frame').first().waitFor()
    return watched
  }
  const go = (page: Page, hash: string) => page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  const axeFindings = async (page: Page) => {
    await page.evaluate(axe)
    const { violations } = (await page.evaluate('axe.run()')) as AxeResults
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  }
  const list = `#/contacts/orders/${DAY}/abandoned`
  const row = (page: Page, contactId: string) =>
    page.locator(`[data-testid=ring-back] [data-contact=${contactId}]`)

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    place = { argv: ['--data-dir', await temporaryFolder()], env: {} }
    server = await startServe([...place.argv, '--clock-start', new Date(NOW_MS).toISOString()])
    const sent = await postEvents(server.url, await createToken(place, 'ingest'), calls())
    expect(sent.body.rejected).toEqual([])
    const report = await dayReport(server.url, await createToken(place, 'read'), DAY)
    abandoned = report.queues.find(({ queue }) => queue === 'orders')?.abandoned ?? -1
    pages = await PageMaker.launch()
    dora = await signedIn('director', 'Dora')
    sam = await signedIn('supervisor', 'Sam', 'fr-FR')
  })
  afterEach(() => pages?.expectNoErrors())
  afterAll(async () => {
    await pages?.close()
    await server?.stop()
  })

  it('leads from the figure of the report to as many callers, masked, with who got through since', async () => {
    const { page } = sam
    await go(page, `#/reports/${DAY}`)
    await page.locator('[data-queue=orders] [data-figure=abandoned] a').first().click()
    await row(page, 'gave-up-0').waitFor()
    expect(await page.locator('[data-testid=ring-back] tbody tr').count()).toBe(abandoned)
    await eventually(async () => expect(await row(page, 'gave-up-0').innerText()).toContain('••••••••78'))
    expect(await row(page, 'gave-up-1').innerText()).toContain('répondu à')
    expect(await page.getByTestId('show-numbers').count()).toBe(0)
    expect(await page.getByTestId('ring-back-open').getAttribute('data-value')).toBe(String(abandoned - 1))
    expect(await page.content()).not.toContain('612345')
    expect(await axeFindings(page)).toEqual([])
  })

  it('tells the other who took a caller; the mark can be taken back', async () => {
    await go(dora.page, list)
    await row(dora.page, 'gave-up-2').waitFor()
    await row(sam.page, 'gave-up-2')
      .getByRole('button', { name: /Noter comme rappelé/ })
      .click()
    await eventually(async () =>
      expect(await row(sam.page, 'gave-up-2').getAttribute('data-rung')).toBe('yes'),
    )
    await eventually(async () => expect(await row(dora.page, 'gave-up-2').innerText()).toContain('Sam'))
    await row(dora.page, 'gave-up-2').getByRole('button', { name: /Undo/ }).click()
    await eventually(async () =>
      expect(await row(dora.page, 'gave-up-2').getAttribute('data-rung')).toBe('no'),
    )
    // And again: the version goes on after the one that was taken back.
    await row(dora.page, 'gave-up-2')
      .getByRole('button', { name: /Mark as rung back/ })
      .click()
    await eventually(async () =>
      expect(await row(dora.page, 'gave-up-2').getAttribute('data-rung')).toBe('yes'),
    )
  })

  it('shows whole numbers to who may see them, in a file too, and records how many', async () => {
    const { page } = dora
    await page.getByTestId('show-numbers').click()
    await eventually(async () => expect(await row(page, 'gave-up-0').innerText()).toContain(NUMBERS[0]))
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByTestId('contacts-csv').click(),
    ])
    const csv = await readFile((await download.path()) ?? '', 'utf8')
    expect(csv.split('\r\n')).toHaveLength(abandoned + 2)
    // A spreadsheet must not take a number for a formula.
    expect(csv).toContain(`'${NUMBERS[0]}`)
    await go(page, '#/setup/people')
    await page.getByTestId('number-rights').getByText('Numbers shown').click()
    expect(await page.getByTestId('number-rights').innerText()).toMatch(/Dora · 3/)
    await page.getByTestId('number-rights').getByLabel('Sam').check()
    expect(await axeFindings(page)).toEqual([])
    await sam.page.reload()
    await sam.page.getByTestId('show-numbers').waitFor()
  })

  it('leads from an agent to the day, and from there to the contacts', async () => {
    const { page } = dora
    await go(page, `#/agents/anna/${DAY}`)
    const contacts = page.getByTestId('agent-summary').locator('a').first()
    expect(await contacts.innerText()).toBe('1')
    expect(await axeFindings(page)).toEqual([])
    await contacts.click()
    await page.locator('[data-contact=through]').waitFor()
    expect(await page.getByTestId('contact-count').getAttribute('data-value')).toBe('1')
  })

  it('takes a schedule as a file, or says which lines are wrong and stores nothing', async () => {
    const { page } = dora
    await go(page, '#/setup/schedules')
    const file = page.getByTestId('schedule-file')
    const csv = (text: string) => ({ name: 'day.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await file.setInputFiles(
      csv('agent,activity,start,end\nanna,on-queue,08:00,12:00\nanna,training,11:00,13:00\n'),
    )
    await page.getByTestId('schedule-problems').waitFor()
    expect(await page.getByTestId('schedule-problems').innerText()).toContain('line 3')
    expect((await pageFetch(page, `/api/v1/schedules/${DAY}`)).status).toBe(404)
    await file.setInputFiles(
      csv('agent,activity,start,end\nanna,on-queue,08:00,12:00\nanna,training,13:00,14:00\n'),
    )
    await page.getByTestId('schedule-stored').waitFor()
    expect(await page.locator('.figures tbody tr').count()).toBe(2)
    expect(await axeFindings(page)).toEqual([])
    dora.expectNoErrors(/40[04]/)
  })

  it('keeps what the form of a queue does not show, and stores its other identifiers', async () => {
    const { page } = dora
    await go(page, '#/setup/queues/orders')
    const aliases = page.locator('textarea[name=aliases]')
    await aliases.fill('820\nq-orders')
    await page.getByTestId('save-queue').click()
    await page.getByTestId('saved').waitFor()
    await page.locator('input[name=name]').fill('Orders')
    await page.getByTestId('save-queue').click()
    await eventually(async () => {
      const { text } = await pageFetch(page, '/api/v1/settings/queue/orders')
      expect(JSON.parse(text)).toMatchObject({ body: { name: 'Orders', aliases: ['820', 'q-orders'] } })
    })
  })

  it('fits a phone', async () => {
    const { page } = await pages.page(dora.context)
    await page.setViewportSize(PHONE)
    for (const hash of [
      list,
      `#/agents/anna/${DAY}`,
      '#/setup/schedules',
      '#/setup/people',
      `#/reports/${DAY}`,
    ]) {
      await page.goto(`${server.url}/${hash}`)
      await page.locator('.page').first().waitFor()
      expect(await overflow(page), hash).toBe(0)
    }
  })
})
