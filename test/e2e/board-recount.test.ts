/** Every figure of composed tiles, read from the page, against a plain recount of the events told so far: at instants of a morning at speed 120. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALWAYS_OPEN } from '../../server/domain/settings.ts'
import { type SimulatedEvent, toCloudEvent } from '../../server/simulator/recorder.ts'
import type { BoardScope, BoardTile, FigureMeasure, TileKind } from '../../server/wire/board-composition.ts'
import { type Recount, recount, recountAgents, recountNow } from '../simulation/contact-centre/recount.ts'
import { browserMissing } from '../support/browser.ts'
import { type Product, startServe, temporaryFolder } from '../support/product.ts'
import { SMALL_DAY, SMALL_PLAN, smallDay } from '../support/simulated-day.ts'
import { PageMaker, WALL, type WatchedPage } from './pages.ts'
import { command, createToken, eventually, type Place, postEvents } from './support.ts'

const START_MS = Date.parse(`${SMALL_DAY}T09:55:00Z`)
const SPEED = 120
const INSTANTS = 8
const PAUSE_MS = 900
const HALF_HOUR_MS = 1_800_000
const QUEUES = ['orders', 'returns'] as const
type QueueId = (typeof QUEUES)[number]
const MEASURES: readonly FigureMeasure[] = [
  'level-now',
  'level-half-hour',
  'level-today',
  'waiting',
  'longest-wait',
  'arrivals',
  'abandoned',
  'abandoned-share',
  'asa',
  'aht',
  'occupancy',
  'free',
  'staffed',
]
/** In the order in which a tile names them. */
const STATES = ['on-contact', 'reserved', 'ready', 'after-contact-work', 'not-ready']

/** Two boards of as many tiles as a page may hold: the sums, and each queue by itself. */
const SLIDING: readonly FigureMeasure[] = ['level-now', 'level-half-hour']
const BOARDS: Readonly<Record<'sums' | 'queues', Readonly<Record<string, readonly FigureMeasure[]>>>> = {
  sums: { all: MEASURES, orders: SLIDING, returns: SLIDING },
  queues: {
    orders: MEASURES.filter((measure) => measure !== 'abandoned-share' && measure !== 'waiting'),
    returns: MEASURES.filter((measure) => measure !== 'abandoned' && measure !== 'arrivals'),
  },
}

type Values = Readonly<Record<string, number | null>>
interface Read {
  readonly values: Values
  readonly states: Readonly<Record<string, readonly number[]>>
  readonly clock: string
}

describe.skipIf(browserMissing !== undefined)(`tiles of a live board ${browserMissing ?? ''}`, () => {
  const { events } = smallDay(4)
  let place: Place
  let server: Product
  let pages: PageMaker
  let sam: WatchedPage
  let ingest = ''
  let told = 0

  beforeAll(async () => {
    place = { argv: ['--data-dir', await temporaryFolder()], env: {} }
    server = await startServe([
      ...place.argv,
      '--clock-start',
      new Date(START_MS).toISOString(),
      '--clock-speed',
      String(SPEED),
    ])
    ingest = await createToken(place, 'ingest')
    const link = await command(['user', 'create', '--role', 'director', '--name', 'Sam', ...place.argv])
    pages = await PageMaker.launch()
    sam = await pages.visitor('en-GB', WALL)
    await sam.page.goto(link)
    await sam.page.getByRole('navigation').first().waitFor()
    await setUp(sam.page)
  })
  afterAll(async () => {
    await pages?.close()
    await server?.stop()
  })

  /** Tells what happened until the server's clock, and no more until the next time. */
  async function tell(): Promise<readonly SimulatedEvent[]> {
    const { nowMs } = await fetchJson<{ nowMs: number }>(sam.page, '/api/v1/me')
    const end = events.findIndex(({ occurredAtMs }) => occurredAtMs > nowMs)
    for (; told < end; told += 500) {
      const part = events.slice(told, Math.min(end, told + 500)).map((event) => toCloudEvent(event))
      expect((await postEvents(server.url, ingest, part)).status).toBe(200)
    }
    told = end
    return events.slice(0, end)
  }

  it('are a recount of the events at each instant', async () => {
    const { page } = sam
    const boardIds = [await composed(page, BOARDS.sums), await composed(page, BOARDS.queues)]
    const arrivals = new Set<number>()
    for (let k = 0; k < INSTANTS; k += 1) {
      const past = await tell()
      await page.evaluate(`location.hash = ${JSON.stringify(`#/boards/${boardIds[k % 2]}`)}`)
      await page.locator(`[data-tile=${k % 2 === 0 ? 'all-asa' : 'returns-asa'}]`).waitFor()
      const offered = QUEUES.reduce((sum, id) => sum + countOf(past, id).offered, 0)
      const toldUntilMs = past.at(-1)?.occurredAtMs ?? START_MS
      await eventually(async () => {
        const found = await read(page)
        expect(Object.keys(found.values)).toHaveLength(k % 2 === 0 ? 17 : 22)
        expect(Object.keys(found.states)).toHaveLength(k % 2 === 0 ? 1 : 2)
        compare(found, past, toldUntilMs)
      })
      arrivals.add(offered)
      await sleep(PAUSE_MS)
    }
    // The day went on between the instants.
    expect(arrivals.size).toBeGreaterThan(INSTANTS / 2)
    sam.expectNoErrors()
  })
})

function promiseOf(queueId: QueueId) {
  const found =
    SMALL_PLAN.promises.find(({ queueIds }) => queueIds.includes(queueId)) ?? SMALL_PLAN.promises[0]
  if (found === undefined) throw new Error('no promise')
  return found
}

function countOf(past: readonly SimulatedEvent[], queueId: QueueId, fromMs?: number, toMs?: number): Recount {
  const { answerThresholdSeconds, shortAbandonSeconds } = promiseOf(queueId)
  return recount({
    events: past,
    queueId,
    thresholdSeconds: answerThresholdSeconds,
    shortAbandonSeconds,
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  })
}

/** By hand: SL4 leaves out abandons within T, SL3 counts every abandon as missed. */
function fractionOf(queueId: QueueId, counts: Recount): readonly [number, number] {
  const all = counts.answered + counts.abandoned
  return [
    counts.answeredWithinThreshold,
    promiseOf(queueId).formula === 'SL4' ? all - counts.abandonedWithinThreshold : all,
  ]
}

const ratioOf = ([numerator, denominator]: readonly [number, number]) =>
  denominator === 0 ? null : numerator / denominator

function compare({ values, states, clock }: Read, past: readonly SimulatedEvent[], toldUntilMs: number) {
  const clockMs = Date.parse(`${SMALL_DAY}T${clock}Z`)
  // A row is as of when the server last computed it: some time since the newest event.
  const instants = Array.from(
    { length: Math.max(1, Math.ceil((clockMs + 2_000 - toldUntilMs) / 1000)) },
    (_, second) => toldUntilMs + 1000 * second,
  )
  const agents = [...recountAgents(past).values()]
  const wanted: Record<string, number | null> = {}
  const heads = { free: 0, staffed: 0, handling: 0 }
  const sums = { offered: 0, abandoned: 0, waiting: 0, answered: 0, waitMs: 0, handled: 0, handlingMs: 0 }
  let sinceMs = Number.POSITIVE_INFINITY
  for (const queueId of QUEUES) {
    const day = countOf(past, queueId)
    const now = recountNow(past, queueId)
    const own = agents.filter(({ queueIds }) => queueIds.has(queueId))
    const count = (...names: readonly string[]) => own.filter(({ state }) => names.includes(state)).length
    const free = count('ready')
    const handling = count('on-contact', 'after-contact-work')
    const staffed = own.length - count('not-ready')
    Object.assign(wanted, {
      [`${queueId}-level-today`]: ratioOf(fractionOf(queueId, day)),
      [`${queueId}-waiting`]: now.waiting,
      [`${queueId}-arrivals`]: day.offered,
      [`${queueId}-abandoned`]: day.abandoned,
      [`${queueId}-abandoned-share`]: day.offered === 0 ? null : day.abandoned / day.offered,
      [`${queueId}-asa`]: day.answered === 0 ? null : now.answeredWaitMs / 1000 / day.answered,
      [`${queueId}-aht`]: now.handled === 0 ? null : now.handlingMs / 1000 / now.handled,
      [`${queueId}-occupancy`]: handling + free === 0 ? null : handling / (handling + free),
      [`${queueId}-free`]: free,
      [`${queueId}-staffed`]: staffed,
    })
    heads.free += free
    heads.staffed += staffed
    heads.handling += handling
    sums.offered += day.offered
    sums.abandoned += day.abandoned
    sums.answered += day.answered
    sums.waiting += now.waiting
    sums.waitMs += now.answeredWaitMs
    sums.handled += now.handled
    sums.handlingMs += now.handlingMs
    compareWait(values[`${queueId}-longest-wait`], now.waitingSinceMs, clockMs)
    sinceMs = Math.min(sinceMs, now.waitingSinceMs ?? Number.POSITIVE_INFINITY)
    if (states[queueId] !== undefined)
      expect(states[queueId], queueId).toEqual(STATES.map((state) => count(state)))
  }
  const today = QUEUES.map((queueId) => fractionOf(queueId, countOf(past, queueId)))
  Object.assign(wanted, {
    'all-level-today': ratioOf([sumOf(today, 0), sumOf(today, 1)]),
    'all-waiting': sums.waiting,
    'all-arrivals': sums.offered,
    'all-abandoned': sums.abandoned,
    'all-abandoned-share': sums.abandoned / sums.offered,
    'all-asa': sums.waitMs / 1000 / sums.answered,
    'all-aht': sums.handlingMs / 1000 / sums.handled,
    'all-occupancy': heads.handling / (heads.handling + heads.free),
    'all-free': heads.free,
    'all-staffed': heads.staffed,
  })
  // A board holds a part of all: what is on this one.
  for (const [name, value] of Object.entries(wanted)) {
    const shown = values[name]
    if (shown !== undefined)
      expect(near(shown, value), `${name}: the page says ${shown}, the events ${value}`).toBe(true)
  }
  compareWait(values['all-longest-wait'], Number.isFinite(sinceMs) ? sinceMs : null, clockMs)
  // Of the whole site every agent counts once.
  if (states.all !== undefined)
    expect(states.all).toEqual(STATES.map((state) => agents.filter((agent) => agent.state === state).length))
  compareSliding('level-half-hour', values, (queueId) =>
    instants.map((nowMs) => fractionOf(queueId, countOf(past, queueId, nowMs - HALF_HOUR_MS + 1, nowMs + 1))),
  )
  compareSliding('level-now', values, (queueId) =>
    instants.map((nowMs) =>
      fractionOf(queueId, countOf(past, queueId, Math.floor(nowMs / HALF_HOUR_MS) * HALF_HOUR_MS, nowMs + 1)),
    ),
  )
}

/** Windows that move with the clock: each queue as of one of the instants, the sum of both as of the same ones. */
function compareSliding(
  measure: FigureMeasure,
  values: Values,
  fractions: (queueId: QueueId) => readonly (readonly [number, number])[],
) {
  const possible = QUEUES.map((queueId) => {
    const value = values[`${queueId}-${measure}`]
    if (value === undefined) throw new Error(`no tile of ${queueId} ${measure}`)
    const fitting = fractions(queueId).filter((fraction) => near(ratioOf(fraction), value))
    expect(fitting.length, `${queueId} ${measure} ${value} is of no instant`).toBeGreaterThan(0)
    return [...new Map(fitting.map((fraction) => [fraction.join('/'), fraction])).values()]
  })
  const [first = [], second = []] = possible
  const all = values[`all-${measure}`]
  if (all === undefined) return
  const fits = first.some((a) => second.some((b) => near(ratioOf([sumOf([a, b], 0), sumOf([a, b], 1)]), all)))
  expect(fits, `all ${measure} ${all} is the sum of no instants`).toBe(true)
}

/** `seconds` undefined: not on this board. */
function compareWait(seconds: number | null | undefined, sinceMs: number | null, clockMs: number) {
  if (seconds === undefined) return
  expect(seconds === null).toBe(sinceMs === null)
  if (seconds === null || sinceMs === null) return
  // The clock of the page shows whole seconds, and goes on while its figures are read.
  expect(Math.abs(clockMs - seconds * 1000 - sinceMs)).toBeLessThanOrEqual(1_000)
}

function sumOf(fractions: readonly (readonly [number, number])[], part: 0 | 1): number {
  return fractions.reduce((sum, fraction) => sum + fraction[part], 0)
}

function near(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) < 1e-6
}

/** All at one moment: scripts of the page do not run in between. */
function read(page: Page): Promise<Read> {
  return page.evaluate<Read>(`(() => {
    const values = {}
    const states = {}
    for (const tile of document.querySelectorAll('[data-tile]')) {
      const figure = tile.querySelector('[data-measure]')
      if (figure !== null)
        values[tile.dataset.tile] = figure.dataset.value === undefined ? null : Number(figure.dataset.value)
      if (tile.dataset.kind === 'agent-states')
        states[tile.dataset.tile] = [...tile.querySelectorAll('li')].map((one) => Number.parseInt(one.innerText))
    }
    return { values, states, clock: document.querySelector('[data-testid=clock]').innerText }
  })()`)
}

async function fetchJson<T>(page: Page, path: string, method = 'GET', body?: object): Promise<T> {
  const request = {
    method,
    headers: { 'content-type': 'application/json', 'x-vigie-csrf': '1' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  return page.evaluate<T>(
    `fetch(${JSON.stringify(path)}, ${JSON.stringify(request)}).then(async (answer) => {
      if (!answer.ok) throw new Error(${JSON.stringify(path)} + ' ' + answer.status + ' ' + (await answer.text()))
      return answer.status === 204 ? null : answer.json()
    })`,
  )
}

/** The queues and what was promised for them: different formulas and limits. */
async function setUp(page: Page): Promise<void> {
  const put = (kind: string, id: string, body: object) =>
    fetchJson(page, `/api/v1/settings/${kind}/${id}`, 'PUT', { version: 0, body })
  for (const { id, name } of SMALL_PLAN.clients) await put('client', id, { name })
  for (const { id, name, clientId, patienceSecondsMean } of SMALL_PLAN.queues)
    await put('queue', id, {
      name,
      clientId,
      zone: 'UTC',
      intervalMinutes: 30,
      openingHours: ALWAYS_OPEN,
      patienceSecondsMean,
      unconfirmed: false,
    })
  for (const { id, ...promise } of SMALL_PLAN.promises)
    await put('promise', id, { ...promise, effectiveFrom: '2026-01-01' })
}

async function composed(
  page: Page,
  measures: Readonly<Record<string, readonly FigureMeasure[]>>,
): Promise<string> {
  const scopes: Readonly<Record<string, BoardScope>> = {
    all: { kind: 'all' },
    orders: { kind: 'queues', queueIds: ['orders'] },
    returns: { kind: 'queues', queueIds: ['returns'] },
  }
  const tile = (id: string, kind: TileKind, measure: FigureMeasure | null, scope: BoardScope): BoardTile => ({
    id,
    kind,
    measure,
    title: '',
    scope,
    thresholds: null,
    columns: 1,
    rows: 1,
  })
  const tiles = Object.entries(measures).flatMap(([name, ofScope]) => {
    const scope = scopes[name] ?? { kind: 'all' }
    const figures = ofScope.map((measure) => tile(`${name}-${measure}`, 'figure', measure, scope))
    return ofScope === SLIDING ? figures : [...figures, tile(name, 'agent-states', null, scope)]
  })
  const body = {
    name: 'Recounted',
    theme: 'dark',
    locale: null,
    size: 'room',
    rotationSeconds: 0,
    namesOnLinks: false,
    pages: [{ id: 'one', title: '', tiles }],
  }
  return (await fetchJson<{ boardId: string }>(page, '/api/v1/boards', 'POST', { body })).boardId
}
