/**
 * One simulated day, asked for in every place and view: report, CSV, API and board give the same figures to the contact,
 * and they are those of a plain count over the contacts' own events, which shares nothing with the fold.
 */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { INTERVAL_VIEWS, type IntervalView } from '../../../server/domain/service-level.ts'
import { DEFAULT_SITE, type SettingBodies, type SettingKind } from '../../../server/domain/settings.ts'
import { dayBounds } from '../../../server/domain/site-calendar.ts'
import { createFiguresService } from '../../../server/figures-service.ts'
import type { FiguresQuery } from '../../../server/http/figures-routes.ts'
import { createScheduleService, type ScheduleStore } from '../../../server/planning/schedules.ts'
import { BoardBuilder } from '../../../server/push/board-builder.ts'
import { createBoardSlices } from '../../../server/push/board-slices.ts'
import { toEnvelope } from '../../../server/simulator/recorder.ts'
import { dayReportCsv } from '../../../server/state/day-report-csv.ts'
import type { PeriodFigures } from '../../../server/state/figures.ts'
import type { RevisionStore } from '../../../server/state/interval-revisions.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { createSettingsView } from '../../../server/state/settings-view.ts'
import { unpackCounts } from '../../../server/wire/board.ts'
import { SMALL_DAY, SMALL_ZONE, smallCentre, smallDay } from '../../support/simulated-day.ts'
import { seeded, shuffled } from '../../unit/state/support.ts'

const SEED = 23
const day = smallDay(SEED)
const { startMs: dayStartMs, endMs: dayEndMs } = dayBounds(SMALL_ZONE, SMALL_DAY)
/** A minute before midnight: everything of the day has happened, and it still is the board's today. */
const NOW_MS = dayEndMs - 60_000
const bodiesOf = <K extends SettingKind>(kind: K): ReadonlyMap<string, SettingBodies[K]> =>
  new Map(
    smallCentre(SEED)
      .settings.filter((setting) => setting.kind === kind)
      .map(({ id, body }) => [id, body as SettingBodies[K]]),
  )
const ledger = day.events.map(
  (event, index): LedgerEvent => ({ ...toEnvelope(event, event.occurredAtMs), ingestSeq: index + 1 }),
)
const queueIds = [...bodiesOf('queue').keys()]

/** The small centre with every promise in one view. */
function settingsIn(view: IntervalView) {
  return createSettingsView({
    site: [...bodiesOf('site').values()][0] ?? DEFAULT_SITE,
    queues: bodiesOf('queue'),
    clients: bodiesOf('client'),
    agents: bodiesOf('agent'),
    promises: [...bodiesOf('promise').values()].map((promise) => ({ ...promise, view })),
  })
}

/** One stay of a contact in a queue, as its events tell it one after the other. */
interface Stay {
  readonly queueId: string
  readonly atMs: number
  endMs: number | null
  end: 'answered' | 'abandoned' | 'left' | null
  callback: boolean
  readonly parts: { readonly fromMs: number; toMs: number | null; acwMs: number }[]
}

function staysOf(events: readonly LedgerEvent[]): readonly Stay[] {
  const stays: Stay[] = []
  const waiting = new Map<string, Stay>()
  const talking = new Map<string, Stay['parts'][number]>()
  for (const { type, occurredAtMs, data } of events) {
    const { contactId = '', queueId = '', agentId = '' } = data
    const stay = waiting.get(contactId)
    if (type === 'cc.contact.queued.v1') {
      const fresh: Stay = { queueId, atMs: occurredAtMs, endMs: null, end: null, callback: false, parts: [] }
      waiting.set(contactId, fresh)
      stays.push(fresh)
    } else if (stay !== undefined && ENDS[type] !== undefined) {
      stay.endMs = occurredAtMs
      stay.end = ENDS[type]
      stay.callback = data.reason === 'callback'
      waiting.delete(contactId)
      if (stay.end !== 'answered') continue
      const part = { fromMs: occurredAtMs, toMs: null, acwMs: 0 }
      stay.parts.push(part)
      talking.set(`${contactId} ${agentId}`, part)
    } else if (type === 'cc.contact.ended.v1' || type === 'cc.contact.transferred.v1') {
      const part = talking.get(`${contactId} ${agentId}`)
      if (part === undefined) continue
      // Whoever passes a contact on still has work on it afterwards, which the end tells.
      part.toMs ??= occurredAtMs
      part.acwMs = Math.round((data.acwSeconds ?? 0) * 1000)
      if (type === 'cc.contact.ended.v1') talking.delete(`${contactId} ${agentId}`)
    }
  }
  return stays
}
const ENDS: Readonly<Record<string, Stay['end'] | undefined>> = {
  'cc.contact.answered.v1': 'answered',
  'cc.contact.abandoned.v1': 'abandoned',
  'cc.contact.left-queue.v1': 'left',
}

interface Rules {
  readonly thresholdMs: number
  readonly shortMs: number
}
interface Period {
  readonly fromMs: number
  readonly toMs: number
}

/** What a queue's period must show, counted contact by contact. */
function countedPlainly(
  stays: readonly Stay[],
  view: IntervalView,
  { thresholdMs, shortMs }: Rules,
  period: Period,
) {
  const within = (ms: number) => ms >= period.fromMs && ms < period.toMs
  const decidedMs = ({ atMs, endMs }: Stay) => Math.min(endMs ?? Number.POSITIVE_INFINITY, atMs + thresholdMs)
  const own = stays.filter((stay) => within(view === 'event' ? decidedMs(stay) : stay.atMs))
  const count = (holds: (stay: Stay, waitMs: number) => boolean) =>
    own.filter((stay) => stay.endMs !== null && holds(stay, stay.endMs - stay.atMs)).length
  const answered = count(({ end }) => end === 'answered')
  const abandoned = count(({ end }) => end === 'abandoned')
  const met = count(({ end }, ms) => end === 'answered' && ms <= thresholdMs)
  const quit = count(({ end }, ms) => end === 'abandoned' && ms <= thresholdMs)
  const short = count(({ end }, ms) => end === 'abandoned' && ms <= shortMs)
  const left = count(({ end }) => end === 'left')
  const callbacks = count(({ end, callback }, ms) => end === 'left' && callback && ms <= thresholdMs)
  const waits = own.flatMap(({ atMs, endMs }) => (endMs === null ? [] : [endMs - atMs])).sort((a, b) => a - b)
  const percentile = (share: number) => {
    const wait = waits[Math.ceil(share * waits.length) - 1]
    return wait === undefined ? null : wait / 1000
  }
  const ratio = (numerator: number, denominator: number) =>
    denominator === 0 ? null : numerator / denominator
  return {
    offered: own.length,
    answered,
    abandoned,
    flowedOut: left,
    answeredWithinThreshold: met,
    abandonedWithinThreshold: quit,
    shortAbandons: short,
    callbacksWithinThreshold: callbacks,
    // DOMAIN.md 3, line by line.
    serviceLevelRatios: {
      SL1: ratio(met + quit, answered + abandoned),
      SL2: ratio(met, answered),
      SL3: ratio(met, answered + abandoned),
      SL4: ratio(met, answered + abandoned - quit),
      SL5: ratio(met + short, answered + abandoned),
      SL6: ratio(met, answered + abandoned - short),
      SL7: ratio(met, answered + abandoned + left),
      SL8: ratio(met + quit + callbacks, answered + abandoned + left),
    },
    waitSecondsP50: percentile(0.5),
    waitSecondsP80: percentile(0.8),
    waitSecondsP90: percentile(0.9),
    waitSecondsP95: percentile(0.95),
    waitSecondsP99: percentile(0.99),
    waitSecondsMax: waits.length === 0 ? null : (waits.at(-1) ?? 0) / 1000,
  }
}

/** Seconds worked in the period, of those whose work has ended: laid over it evenly. */
function workedPlainly(stays: readonly Stay[], period: Period): number {
  const overlap = (fromMs: number, toMs: number) =>
    Math.max(0, Math.min(toMs, period.toMs) - Math.max(fromMs, period.fromMs))
  return stays
    .flatMap(({ parts }) => parts)
    .reduce((sum, { fromMs, toMs, acwMs }) => {
      const endMs = toMs ?? fromMs
      return sum + overlap(fromMs, endMs) + overlap(endMs, endMs + acwMs)
    }, 0)
}

/** What a row has of the fields that were counted plainly: numbers that differ in the last bit alone are one. */
function expectSame(found: object, counted: object, place: string): void {
  const pairs = Object.entries(counted).map(
    ([name, value]) => [name, value, Reflect.get(found, name)] as const,
  )
  for (const [name, value, other] of pairs)
    if (typeof value === 'object' && value !== null) expectSame(other as object, value, `${place} ${name}`)
    else if (typeof value === 'number' && !Number.isInteger(value))
      expect(other, `${place} ${name}`).toBeCloseTo(value, 9)
    else expect(other, `${place} ${name}`).toBe(value)
}

describe.each(INTERVAL_VIEWS)('a day in the view "%s"', (view) => {
  const settings = settingsIn(view)
  const state = new LiveState(settings)
  state.applyAll(shuffled(ledger, seeded(SEED)))
  const stays = staysOf(ledger)
  const rulesOf = (queueId: string): Rules => {
    const promise = settings.promiseFor(queueId, SMALL_DAY)
    return {
      thresholdMs: (promise?.answerThresholdSeconds ?? 20) * 1000,
      shortMs: (promise?.shortAbandonSeconds ?? 5) * 1000,
    }
  }
  const periods = (queueId: string): readonly Period[] => {
    const stepMs = settings.queue(queueId).intervalMinutes * 60_000
    return Array.from({ length: (dayEndMs - dayStartMs) / stepMs }, (_, n) => ({
      fromMs: dayStartMs + n * stepMs,
      toMs: dayStartMs + (n + 1) * stepMs,
    }))
  }
  const plainly = (queueId: string, period: Period) =>
    countedPlainly(
      stays.filter((stay) => stay.queueId === queueId),
      view,
      rulesOf(queueId),
      period,
    )
  const whole = { fromMs: dayStartMs, toMs: dayEndMs }
  const report = state.dayReport(SMALL_DAY, { view })

  it('is in the report what was counted, by queue and by interval', () => {
    expect(report.queues.map(({ queue }) => queue).sort()).toEqual([...queueIds].sort())
    for (const { queue, intervals, ...figures } of report.queues) {
      expect(plainly(queue, whole).offered).toBeGreaterThan(50)
      expectSame(figures, plainly(queue, whole), queue)
      const byStart = new Map(intervals.map((interval) => [Date.parse(interval.start), interval]))
      for (const period of periods(queue)) {
        const counted = plainly(queue, period)
        const found = byStart.get(period.fromMs)
        if (found === undefined) expect(counted.offered).toBe(0)
        else expectSame(found, counted, `${queue} ${found.start}`)
        if (view !== 'worked') continue
        const workedMs = workedPlainly(
          stays.filter((stay) => stay.queueId === queue),
          period,
        )
        // Means of the interval: with nobody whose work ended there, its work is in the day's alone.
        if (found?.ahtSeconds != null)
          expect(Math.abs(found.ahtSeconds * found.handled * 1000 - workedMs)).toBeLessThan(40)
      }
    }
  })

  it('is in the CSV what is in the report, cell by cell', () => {
    const [head = '', ...lines] = dayReportCsv(report).trimEnd().split('\r\n')
    const names = head.split(',')
    const rows = lines.map((line) => new Map(line.split(',').map((cell, n) => [names[n] ?? '', cell])))
    const all = report.queues.flatMap(({ queue, intervals }) =>
      intervals.map((interval) => ({ queue, interval })),
    )
    expect(rows).toHaveLength(all.length)
    for (const [index, { queue, interval }] of all.entries()) {
      const row = rows[index]
      expect([row?.get('queue'), row?.get('start')]).toEqual([queue, interval.start])
      const figures: Record<string, unknown> = { ...interval, ...interval.serviceLevelRatios }
      for (const name of names.slice(2)) expect(row?.get(name), name).toBe(String(figures[name] ?? ''))
    }
  })

  it('is by the API what is in the report: of a queue, an interval, a client and the site', async () => {
    const service = figuresService()
    const ask = async (query: Partial<FiguresQuery>) => {
      const body = await service.figures({
        scope: 'queue',
        id: '',
        window: 'day',
        date: SMALL_DAY,
        fromMs: null,
        toMs: null,
        view,
        clientId: null,
        ...query,
      })
      if (body === undefined) throw new Error(JSON.stringify(query))
      return body as typeof body & PeriodFigures
    }
    const sums = { offered: 0, answered: 0, met: 0 }
    for (const { queue, intervals, ...figures } of report.queues) {
      const found = await ask({ id: queue })
      expectSame(found, plainly(queue, whole), queue)
      expect(found.asaSeconds).toBeCloseTo(figures.asaSeconds ?? Number.NaN, 9)
      expect(found.ahtSeconds).toBeCloseTo(figures.ahtSeconds ?? Number.NaN, 9)
      for (const interval of intervals.slice(20, 24)) {
        const fromMs = Date.parse(interval.start)
        const toMs = fromMs + settings.queue(queue).intervalMinutes * 60_000
        const span = await ask({ id: queue, window: 'span', date: null, fromMs, toMs })
        expectSame(span, plainly(queue, { fromMs, toMs }), `${queue} ${interval.start}`)
        expect(span.handled).toBe(interval.handled)
      }
      sums.offered += figures.offered
      sums.answered += figures.answered
      sums.met += figures.answeredWithinThreshold
    }
    expect(await ask({ scope: 'site' })).toMatchObject({
      offered: sums.offered,
      answered: sums.answered,
      answeredWithinThreshold: sums.met,
    })
    for (const client of report.clients) {
      expect(client.view).toBe(view)
      const { offered, answered, answeredWithinThreshold, abandonedWithinThreshold, waitSecondsP90 } = client
      const found = await ask({ scope: 'client', id: client.client, view: null })
      expect(found).toMatchObject({
        offered,
        answered,
        answeredWithinThreshold,
        abandonedWithinThreshold,
        waitSecondsP90,
      })
      expect(Reflect.get(found, 'serviceLevel')).toMatchObject({ ratio: client.serviceLevelRatio })
    }
  })

  it('is on the board what was counted: the day, the half hour, each interval', () => {
    const board = boardBuilder().board({
      clientId: null,
      need: { scopes: [{ kind: 'all' }], slices: ['intervals'] },
      agentNames: true,
    })
    expect(board.queues.map(({ queueId }) => queueId).sort()).toEqual([...queueIds].sort())
    const levels = { numerator: 0, denominator: 0 }
    for (const row of board.queues) {
      const counted = plainly(row.queueId, whole)
      const { formula } = row.promise
      expect(row.promise.view).toBe(view)
      expectSame(unpackCounts([row.todayCounts]), countsOf(counted), row.queueId)
      expect([row.offeredToday, row.abandonedToday, row.flowedOutToday]).toEqual([
        counted.offered,
        counted.abandoned,
        counted.flowedOut,
      ])
      expect(row.today.ratio).toBeCloseTo(counted.serviceLevelRatios[formula] ?? Number.NaN, 12)
      const half = { fromMs: NOW_MS - 1_800_000 + 1, toMs: NOW_MS + 1 }
      const sliding = countedPlainly(
        stays.filter(({ queueId }) => queueId === row.queueId),
        'arrival',
        rulesOf(row.queueId),
        half,
      )
      expectSame(unpackCounts([row.halfHourCounts]), countsOf(sliding), `${row.queueId} half hour`)
      const reported = report.clients.find(({ client }) => client === row.clientId)
      if (reported?.queues.length === 1) expect(row.today.ratio).toBe(reported.serviceLevelRatio)
      levels.numerator += row.today.numerator
      levels.denominator += row.today.denominator
    }
    const rows = board.slices?.intervals ?? []
    for (const { queueId, startMs, endMs, offered, answered, abandoned } of rows) {
      const counted = plainly(queueId, { fromMs: startMs, toMs: endMs })
      expect({ offered, answered, abandoned }).toEqual({
        offered: counted.offered,
        answered: counted.answered,
        abandoned: counted.abandoned,
      })
    }
    const sum = (pick: (row: (typeof rows)[number]) => number) =>
      rows.reduce((total, row) => total + pick(row), 0)
    expect(sum(({ numerator }) => numerator)).toBe(levels.numerator)
    expect(sum(({ denominator }) => denominator)).toBe(levels.denominator)
    expect(board.site.intervals.reduce((total, { offered }) => total + offered, 0)).toBe(
      sum(({ offered }) => offered),
    )
  })

  const countsOf = ({
    answered,
    answeredWithinThreshold,
    abandoned,
    abandonedWithinThreshold,
    shortAbandons,
    flowedOut,
    callbacksWithinThreshold,
  }: ReturnType<typeof countedPlainly>) => ({
    answered,
    answeredWithinThreshold,
    abandoned,
    abandonedWithinThreshold,
    shortAbandons,
    flowedOut,
    callbacksWithinThreshold,
  })

  function figuresService() {
    const store: ScheduleStore & Pick<RevisionStore, 'revisionHistory'> = {
      revisionHistory: async () => [],
      newestSchedule: async () => undefined,
      addSchedule: async () => {
        throw new Error('not used')
      },
    }
    return createFiguresService({
      live: state,
      folded: async () => state,
      settings,
      clock: { nowMs: () => NOW_MS, speed: 1 },
      schedules: createScheduleService({
        store,
        zone: () => SMALL_ZONE,
        nowMs: () => NOW_MS,
        onChange: () => undefined,
      }),
      store,
      teamName: () => null,
      columns: () => undefined,
    })
  }

  function boardBuilder() {
    const settled = () => ({ provisional: false, revision: 1 })
    return new BoardBuilder({
      state,
      settings,
      site: () => ({ name: 'Site', zone: SMALL_ZONE }),
      planning: {
        figures: () => ({
          required: null,
          planned: null,
          forecastContactsToday: null,
          missesLeft: null,
          dayLost: false,
          projectedRatio: null,
          projectedKeepProbability: null,
        }),
        plannedTotal: () => null,
        columns: () => undefined,
      },
      sources: () => [],
      settled,
      slices: createBoardSlices({
        state,
        settings,
        teamName: () => null,
        columns: () => undefined,
        settled,
        keySalt: 'salt',
        alerts: () => [],
        ahead: () => [],
        notes: () => [],
        months: () => [],
      }),
      clock: { nowMs: () => NOW_MS, speed: 1 },
    })
  }
})
