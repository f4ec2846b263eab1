/** What the page says, against a plain recount of the events: live at speed 600, and at random instants of the past. Then alerts. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dayStartMs } from '../../server/domain/site-calendar.ts'
import { createContactCentre } from '../../server/simulator/contact-centre.ts'
import type { SimulatedEvent } from '../../server/simulator/recorder.ts'
import type { MeBody } from '../../server/wire/api.ts'
import { recount } from '../simulation/contact-centre/recount.ts'
import { browserMissing } from '../support/browser.ts'
import { type Demo, type Product, startDemo, startServe, temporaryFolder } from '../support/product.ts'
import { overflow, PageMaker, PHONE, pageFetch, WALL, type WatchedPage, wallCounts } from './pages.ts'
import { command, createToken, eventually, type Place, postEvents } from './support.ts'

const ZONE = 'Europe/Paris'
const SEED = 5
const INSTANTS = 20
const TILE_INSTANTS = 6
const FIELDS = [
  'offered',
  'answered',
  'abandoned',
  'flowedOut',
  'answeredWithinThreshold',
  'abandonedWithinThreshold',
] as const
type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>

/** The figures of all queues as one text. */
function keyOf(counts: Counts): string {
  return Object.keys(counts)
    .sort()
    .map((queueId) => `${queueId} ${FIELDS.map((field) => counts[queueId]?.[field] ?? 0).join(' ')}`)
    .join('\n')
}

/** Steps that look random and are the same in every run. */
function* fractions(): Generator<number> {
  for (let k = 1; ; k++) yield (k * 0.618_033_988_75) % 1
}

describe.skipIf(browserMissing !== undefined)(`figures of the page ${browserMissing ?? ''}`, () => {
  const centre = createContactCentre({ seed: SEED, zone: ZONE })
  let demo: Demo
  let pages: PageMaker
  let supervisor: WatchedPage
  let events: readonly SimulatedEvent[] = []
  let day = ''

  beforeAll(async () => {
    demo = await startDemo(['--seed', String(SEED), '--speed', '600'])
    pages = await PageMaker.launch()
    supervisor = await pages.visitor('en-GB', WALL)
    await supervisor.page.goto(demo.links.supervisor)
    await supervisor.page.getByTestId('wall').waitFor()
    const { nowMs } = await me()
    day = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(nowMs)
    events = centre.simulateDay(day).events
  }, 240_000)
  afterEach(() => pages.expectNoErrors())
  afterAll(async () => {
    await pages?.close()
    await demo?.stop()
  })

  const me = async (): Promise<MeBody> =>
    JSON.parse((await pageFetch(supervisor.page, '/api/v1/me')).text) as MeBody

  /** Counts of every queue from the events until an instant. */
  function recounted(untilMs: number): Counts {
    const past = events.filter(({ occurredAtMs }) => occurredAtMs <= untilMs)
    return Object.fromEntries(centre.plan.queues.map((queue) => [queue.id, recountQueue(queue.id, past)]))
  }
  function recountQueue(queueId: string, past: readonly SimulatedEvent[]) {
    const queue = centre.plan.queues.find(({ id }) => id === queueId)
    const promise =
      centre.plan.promises.find(({ queueIds }) => queueIds.includes(queueId)) ??
      centre.plan.promises.find(
        ({ clientId, queueIds }) => clientId === queue?.clientId && queueIds.length === 0,
      )
    return {
      ...recount({
        events: past,
        queueId,
        thresholdSeconds: promise?.answerThresholdSeconds ?? 20,
        shortAbandonSeconds: promise?.shortAbandonSeconds ?? 5,
      }),
    }
  }

  it('are a recount of the ledger at 20 random instants of a day at speed 600, live', async () => {
    const steps = fractions()
    const read: Counts[] = []
    for (let k = 0; k < INSTANTS; k++) {
      await sleep(300 + 900 * (steps.next().value ?? 0))
      read.push(await wallCounts(supervisor.page))
    }
    expect(new Set(read.map(keyOf)).size).toBeGreaterThan(INSTANTS / 2)
    // Composed tiles, read together with the rows that are recounted below.
    await openComposed(supervisor.page)
    for (let k = 0; k < TILE_INSTANTS; k++) {
      await sleep(300 + 900 * (steps.next().value ?? 0))
      const { tiles, counts } = await tileCounts(supervisor.page)
      const sum = (field: string) =>
        Object.values(counts).reduce((total, queue) => total + (queue[field] ?? 0), 0)
      expect(tiles).toEqual({ arrivals: sum('offered'), abandoned: sum('abandoned') })
      read.push(counts)
    }
    // The feed tells its events in their order: every board is the recount of a beginning of the day.
    const wanted = new Map(read.map((counts) => [keyOf(counts), counts]))
    const ends = [...new Set(events.map(({ occurredAtMs }) => occurredAtMs))]
    let place = 0
    for (const counts of read) {
      const offered = Object.values(counts).reduce((sum, queue) => sum + (queue.offered ?? 0), 0)
      place = placeOf(counts, offered, place)
      expect(place, `no beginning of the day has these figures:\n${keyOf(counts)}`).toBeGreaterThanOrEqual(0)
    }
    expect(wanted.size).toBeGreaterThan(0)

    /** First end from `from` on whose recount is what the page said: the number offered finds the place quickly. */
    function placeOf(counts: Counts, offered: number, from: number): number {
      let seen = 0
      let at = from
      const queued = events.filter(({ type }) => type === 'cc.contact.queued.v1')
      const reached = queued[offered - 1]?.occurredAtMs ?? 0
      const next = queued[offered]?.occurredAtMs ?? Number.POSITIVE_INFINITY
      at = ends.findIndex((endMs) => endMs >= reached)
      for (; at < ends.length && (ends[at] ?? 0) <= next; at++) {
        seen += 1
        if (keyOf(recounted(ends[at] ?? 0)) === keyOf(counts)) return at
      }
      return seen === 0 ? -1 : inOneInstant(counts, ends[at - 1] ?? 0)
    }
    /** Several events of one millisecond may come in two batches. */
    function inOneInstant(counts: Counts, endMs: number): number {
      const near = events.filter(({ occurredAtMs }) => occurredAtMs <= endMs + 1_000)
      for (let cut = near.length; cut > near.length - 200 && cut > 0; cut--) {
        const past = near.slice(0, cut)
        const found = Object.fromEntries(centre.plan.queues.map(({ id }) => [id, recountQueue(id, past)]))
        if (keyOf(found) === keyOf(counts)) return ends.indexOf(endMs)
      }
      return -1
    }
  })

  it('are a recount of the ledger at 20 random instants of the past, on the time slider', async () => {
    const { page } = supervisor
    const { nowMs } = await me()
    const fromMs = dayStartMs(ZONE, day) + 7 * 3_600_000
    const steps = fractions()
    for (let k = 0; k < INSTANTS; k++) {
      const atMs = Math.floor(fromMs + (steps.next().value ?? 0) * (nowMs - 60_000 - fromMs))
      await page.goto(`${demo.url}/#/board/at/${new Date(atMs).toISOString()}`)
      await page.locator(`[data-testid=moment][data-at="${atMs}"]`).waitFor()
      expect(keyOf(await pastCounts(page))).toBe(keyOf(recounted(atMs)))
      const ofDay = events.filter(({ occurredAtMs }) => occurredAtMs <= atMs).length
      expect(Number(await page.getByTestId('event-count').getAttribute('data-count'))).toBe(ofDay)
    }
  }, 120_000)

  it('moves by hand, plays, compares with now and pins notes, and says that it is not live', async () => {
    const { page } = supervisor
    await page.getByTestId('not-live').getByText('Not live').waitFor()
    const at = async () => Number(await page.getByTestId('moment').getAttribute('data-at'))
    const before = await at()
    await page.getByTitle('One minute back').click()
    await eventually(async () => expect(await at()).toBe(before - 60_000))
    expect(page.url()).toContain(new Date(before - 60_000).toISOString())
    await page.getByTestId('slider').focus()
    await page.keyboard.press('ArrowLeft')
    await eventually(async () => expect(await at()).toBeLessThan(before - 60_000))
    const started = await at()
    await page.getByTestId('play').click()
    await eventually(async () => expect(await at()).toBeGreaterThan(started + 60_000))
    await page.getByTestId('play').click()
    await page.getByTestId('compare').check()
    await page.getByTestId('comparison').waitFor()
    await page.getByTestId('note-new').click()
    await page.getByTestId('note-text').fill('Carrier outage')
    await page.getByTestId('note-save').click()
    await page.getByTestId('notes').getByText('Carrier outage').waitFor()
  })

  it('refuses the future, what was before the ledger, and what is no instant', async () => {
    const { page } = supervisor
    for (const at of ['2199-01-01T00:00:00.000Z', '1999-01-01T00:00:00.000Z']) {
      expect((await pageFetch(page, `/api/v1/moments/${at}`)).status).toBe(404)
      // The text of one refusal stands until the next: the page's own request is what tells them apart.
      const refused = page.waitForEvent('console', (message) =>
        message.location().url.endsWith(`/api/v1/moments/${Date.parse(at)}`),
      )
      await page.goto(`${demo.url}/#/board/at/${at}`)
      await refused
      await page.getByText('There is no board of this moment').waitFor()
    }
    for (const at of ['yesterday', '9'.repeat(30), '%00']) {
      expect((await pageFetch(page, `/api/v1/moments/${at}`)).status).toBe(400)
    }
    supervisor.expectNoErrors(/40[04]/)
  })

  it('fits a telephone', async () => {
    const phone = await pages.page(supervisor.context)
    await phone.page.setViewportSize(PHONE)
    await phone.page.goto(
      `${demo.url}/#/board/at/${new Date(dayStartMs(ZONE, day) + 36_000_000).toISOString()}`,
    )
    await phone.page.getByTestId('not-live').waitFor()
    expect(await overflow(phone.page)).toBe(0)
    await phone.page.close()
  })
})

/** A board of two figures over all queues, and the table of queues. */
async function openComposed(page: Page): Promise<void> {
  const tile = (id: string, kind: string, measure: string | null) => ({
    id,
    kind,
    measure,
    title: '',
    scope: { kind: 'all' },
    thresholds: null,
    columns: kind === 'queues' ? 12 : 6,
    rows: kind === 'queues' ? 6 : 3,
  })
  const tiles = [tile('a', 'figure', 'arrivals'), tile('b', 'figure', 'abandoned'), tile('c', 'queues', null)]
  const body = {
    name: 'Recounted',
    theme: 'dark',
    locale: null,
    size: 'room',
    rotationSeconds: 0,
    namesOnLinks: false,
    pages: [{ id: 'one', title: '', tiles }],
  }
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-vigie-csrf': '1' },
    body: JSON.stringify({ body }),
  }
  const boardId = await page.evaluate<string>(
    `fetch('/api/v1/boards', ${JSON.stringify(request)}).then((answer) => answer.json()).then(({ boardId }) => boardId)`,
  )
  await page.evaluate(`location.hash = ${JSON.stringify(`#/boards/${boardId}`)}`)
  await page.locator('[data-tile] [data-queue]').first().waitFor()
}

/** The figures of the tiles between two looks at the table that show the same. */
async function tileCounts(page: Page) {
  return eventually(async () => {
    const before = await wallCounts(page)
    const tiles = await page.evaluate<Readonly<Record<string, number>>>(
      `Object.fromEntries([...document.querySelectorAll('[data-measure]')].map((tile) => [tile.dataset.measure, Number(tile.dataset.value)]))`,
    )
    const counts = await wallCounts(page)
    expect(keyOf(before)).toBe(keyOf(counts))
    return { tiles, counts }
  })
}

function pastCounts(page: Page): Promise<Counts> {
  return page.evaluate(`Object.fromEntries(
    [...document.querySelectorAll('[data-testid=moment] [data-queue]')].map((row) => [
      row.dataset.queue,
      {
        offered: Number(row.dataset.offered),
        answered: Number(row.dataset.answered),
        abandoned: Number(row.dataset.abandoned),
        flowedOut: Number(row.dataset.flowedOut),
        answeredWithinThreshold: Number(row.dataset.answeredWithin),
        abandonedWithinThreshold: Number(row.dataset.abandonedWithin),
      },
    ]),
  )`)
}

describe.skipIf(browserMissing !== undefined)(`alerts on boards ${browserMissing ?? ''}`, () => {
  let server: Product
  let pages: PageMaker
  let place: Place

  beforeAll(async () => {
    place = { argv: ['--data-dir', await temporaryFolder()], env: {} }
    server = await startServe(place.argv)
    pages = await PageMaker.launch()
  }, 120_000)
  afterAll(async () => {
    await pages?.close()
    await server?.stop()
  })

  async function visitor(name: string, locale: 'en-GB' | 'fr-FR'): Promise<WatchedPage> {
    const link = await command(
      ['user', 'create', '--role', 'supervisor', '--name', name, ...place.argv],
      place,
    )
    const watched = await pages.visitor(locale, WALL)
    await watched.page.goto(`${server.url}/#/sign-in/${link.split('/').at(-1)}`)
    await watched.page.getByTestId('wall').waitFor()
    return watched
  }

  it('are acknowledged by one supervisor and seen by another at once, and end with their cause', async () => {
    const ada = await visitor('Ada', 'en-GB')
    const bob = await visitor('Bob', 'fr-FR')
    const token = await createToken(place, 'ingest')
    const send = (id: string, type: string, agoSeconds: number, data: object) =>
      postEvents(server.url, token, [
        {
          specversion: '1.0',
          id,
          source: '/pbx',
          type,
          time: new Date(Date.now() - agoSeconds * 1000).toISOString(),
          data: { contactId: 'c1', queueId: 'sales', ...data },
        },
      ])
    expect((await send('1', 'cc.contact.queued.v1', 600, {})).body.accepted).toBe(1)
    await ada.page.getByTestId('alerts').getByText('sales: a wait of more than 2:00').waitFor()
    await bob.page.getByTestId('alerts').getByText('une attente de plus de 2:00').waitFor()
    await ada.page.getByTestId('alerts').getByRole('button').click()
    await ada.page.getByTestId('acknowledge').click()
    await ada.page.getByTestId('acknowledged').getByText('acknowledged by Ada').waitFor()
    await bob.page.getByTestId('alerts').getByText('pris en charge par Ada').waitFor()
    await send('2', 'cc.contact.abandoned.v1', 0, {})
    await ada.page.getByText('No alert now.').waitFor()
    await eventually(async () => expect(await bob.page.getByTestId('alerts').count()).toBe(0))
    ada.expectNoErrors()
    bob.expectNoErrors()
  }, 60_000)
})
