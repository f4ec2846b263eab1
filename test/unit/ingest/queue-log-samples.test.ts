/** Real logs fold to the figures that were computed from the files alone. Read where they lie; a clone without them skips. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { siteDayOf } from '../../../server/domain/site-calendar.ts'
import { readQueueLog } from '../../../server/ingest/queue-log/read-queue-log.ts'
import type { LiveState } from '../../../server/state/live-state.ts'
import { loadDay } from '../../../server/state/load-day.ts'
import { collect, fold, listStore, sample, settings, toLedger } from '../state/support.ts'

interface ExpectedQueue {
  readonly offered: number
  readonly answered: number
  readonly abandoned: number
  readonly exit_with_timeout: number
  readonly exit_empty: number
  readonly exit_with_key: number
  readonly waiting_end_not_logged: number
  readonly answered_within_sl: number
  readonly abandoned_within_sl: number
  readonly abandoned_short: number
  readonly max_wait: number
  readonly asa: number | null
  readonly aht_talk: number | null
  readonly sl_a_of_answered: number | null
  readonly sl_d_asterisk_perf2: number | null
  readonly transfers: number
}
interface Expected {
  readonly events: Record<string, number>
  readonly rows: number
  readonly first: string
  readonly last: string
  readonly queues: Record<string, ExpectedQueue>
  readonly agents: Record<string, { answered: number; talk: number; ring_no_answer: number }>
  readonly intervals: readonly {
    queue: string
    start: string
    offered: number
    answered: number
    abandoned: number
    exit_with_timeout: number
    answered_within_sl: number
    abandoned_short: number
    asa: number | null
    aht_talk: number | null
  }[]
  readonly snapshots: readonly {
    queue: string
    t: string
    waiting: number
    longest_wait: number
    talking: number
  }[]
}

const folder = 'feeds/asterisk-queue_log'
const context = { source: 'pbx', zone: 'UTC', nowMs: Date.UTC(2026, 0, 1) }

async function load(path: string) {
  const items = await collect(readQueueLog([path], context))
  return { items, events: toLedger(items) }
}

function reports(state: LiveState, expected: Expected) {
  const all = []
  const last = Date.parse(expected.last)
  for (let at = Date.parse(expected.first); at <= last + 86_400_000; at += 86_400_000) {
    all.push(state.dayReport(siteDayOf('UTC', at)))
  }
  return all
}

describe.each([
  ['asteriskreport-2010', 'queue_log'],
  ['malariapbx-2023', 'queue_log.csv'],
])('%s', (name, file) => {
  const path = sample(`${folder}/${name}/${file}`)
  const expectedPath = sample(`${folder}/${name}/expected.json`)
  const title =
    path === null ? 'skipped: the samples are not beside this clone' : 'folds to its expected.json'

  it.skipIf(path === null || expectedPath === null)(title, async () => {
    const expected = JSON.parse(readFileSync(expectedPath ?? '', 'utf8')) as Expected
    const { items, events } = await load(path ?? '')
    const verbs: Record<string, number> = {}
    for (const item of items) if (item.kind === 'event') verbs[item.verb] = (verbs[item.verb] ?? 0) + 1
    expect(verbs).toEqual(expected.events)
    expect(events).toHaveLength(expected.rows)
    const state = fold(events)
    const days = reports(state, expected)
    for (const [queueId, want] of Object.entries(expected.queues)) {
      const rows = days.flatMap((day) => day.queues.filter((row) => row.queue === queueId))
      const sum = (pick: (row: (typeof rows)[number]) => number) =>
        rows.reduce((total, row) => total + pick(row), 0)
      expect(sum((row) => row.offered)).toBe(want.offered)
      expect(sum((row) => row.answered)).toBe(want.answered)
      expect(sum((row) => row.abandoned)).toBe(want.abandoned)
      expect(sum((row) => row.flowedOut)).toBe(want.exit_with_timeout + want.exit_empty + want.exit_with_key)
      expect(sum((row) => row.lost + row.waiting)).toBe(want.waiting_end_not_logged)
      expect(sum((row) => row.answeredWithinThreshold)).toBe(want.answered_within_sl)
      expect(sum((row) => row.abandonedWithinThreshold)).toBe(want.abandoned_within_sl)
      expect(sum((row) => row.shortAbandons)).toBe(want.abandoned_short)
      expect(sum((row) => row.transfers)).toBe(want.transfers)
      expect(Math.max(...rows.map((row) => row.waitSecondsMax ?? 0))).toBe(want.max_wait)
    }
    for (const [agent, want] of Object.entries(expected.agents)) {
      const rows = days.flatMap((day) => day.queues.flatMap((row) => row.agents ?? []))
      const mine = rows.filter((row) => row.agent === agent)
      const sum = (pick: (row: (typeof rows)[number]) => number) =>
        mine.reduce((total, row) => total + pick(row), 0)
      expect(sum((row) => row.answered)).toBe(want.answered)
      expect(sum((row) => row.talkSeconds)).toBe(want.talk)
      expect(sum((row) => row.ringNoAnswer)).toBe(want.ring_no_answer)
    }
    const intervals = days.flatMap((day) =>
      day.queues.flatMap((row) =>
        row.intervals.filter((one) => one.offered > 0).map((one) => ({ queue: row.queue, ...one })),
      ),
    )
    expect(intervals).toHaveLength(expected.intervals.length)
    for (const want of expected.intervals) {
      const found = intervals.find(
        (one) => one.queue === want.queue && Date.parse(one.start) === Date.parse(want.start),
      )
      expect(found).toMatchObject({
        offered: want.offered,
        answered: want.answered,
        abandoned: want.abandoned,
        flowedOut: want.exit_with_timeout,
        answeredWithinThreshold: want.answered_within_sl,
        shortAbandons: want.abandoned_short,
        asaSeconds: want.asa,
        talkSecondsMean: want.aht_talk,
      })
    }
  })

  it.skipIf(path === null || expectedPath === null)('waits and talks as its snapshots say', async () => {
    const expected = JSON.parse(readFileSync(expectedPath ?? '', 'utf8')) as Expected
    const { events } = await load(path ?? '')
    for (const { queue, t, waiting, longest_wait, talking } of expected.snapshots) {
      const atMs = Date.parse(t)
      const until = fold(events.filter((one) => one.occurredAtMs <= atMs))
      const now = until.queueNow(queue, atMs)
      const longest = now.longestWaitingSinceMs === null ? 0 : (atMs - now.longestWaitingSinceMs) / 1000
      expect([t, now.waiting, longest, now.talking]).toEqual([t, waiting, longest_wait, talking])
    }
  })

  it.skipIf(path === null || expectedPath === null)('gives one whole-day ratio by hand', async () => {
    const expected = JSON.parse(readFileSync(expectedPath ?? '', 'utf8')) as Expected
    const { events } = await load(path ?? '')
    const state = fold(events)
    // The first log is of one day: its ratios can be compared as they are.
    if (siteDayOf('UTC', Date.parse(expected.first)) !== siteDayOf('UTC', Date.parse(expected.last))) return
    const [queueId, want] = Object.entries(expected.queues)[0] as [string, ExpectedQueue]
    const row = state
      .dayReport(siteDayOf('UTC', Date.parse(expected.first)))
      .queues.find((one) => one.queue === queueId)
    expect(row?.serviceLevelRatios.SL2).toBe(want.sl_a_of_answered)
    expect(row?.serviceLevelRatios.SL1).toBeCloseTo(want.sl_d_asterisk_perf2 ?? 0, 6)
    expect(row?.asaSeconds).toBeCloseTo(want.asa ?? 0, 6)
    expect(row?.talkSecondsMean).toBeCloseTo(want.aht_talk ?? 0, 6)
  })

  it.skipIf(path === null)('is the same from the ledger, day by day', async () => {
    const { events } = await load(path ?? '')
    const live = fold(events)
    const first = events[0]?.occurredAtMs ?? 0
    for (let day = 0; day < 45; day += 1) {
      const date = siteDayOf('UTC', first + day * 86_400_000)
      const loaded = await loadDay(listStore(events), settings(), date)
      const strip = (report: ReturnType<typeof live.dayReport>) =>
        report.queues.filter((row) => row.offered > 0 || (row.agents?.length ?? 0) > 0)
      expect(strip(loaded.dayReport(date))).toEqual(strip(live.dayReport(date)))
    }
  })
})

describe('the smaller samples', () => {
  const lab = sample(`${folder}/snippets/asterisk-2020-lab`)
  it.skipIf(lab === null)(
    'a restart loses the caller who waits; the membership lasts to the last row',
    async () => {
      const { events } = await load(lab ?? '')
      const report = fold(events).dayReport('2020-08-04')
      const sales = report.queues.find((row) => row.queue === 'sales')
      const support = report.queues.find((row) => row.queue === 'support')
      expect(sales).toMatchObject({ offered: 1, lost: 1, waiting: 0, answered: 0, abandoned: 0 })
      expect(support).toMatchObject({ offered: 1, abandoned: 1, waitSecondsMax: 68 })
      const [member] = sales?.agents ?? []
      expect(member).toMatchObject({ agent: 'SIP/0004f2040001', loggedInSeconds: 1596513628 - 1596510480 })
    },
  )

  const line = sample(`${folder}/snippets/docs-asterisk-line`)
  it.skipIf(line === null)('a row of a call that never entered is an orphan', async () => {
    const { events } = await load(line ?? '')
    const state = fold(events)
    expect(state.quality().orphanEvents).toBe(1)
    expect(state.dayReport('2013-04-23').queues).toEqual([])
  })

  const wazo = sample(`${folder}/wazo-docs-2012/queue_log.csv`)
  it.skipIf(wazo === null)('twelve examples of another dialect', async () => {
    const { items, events } = await load(wazo ?? '')
    expect(
      items.filter((item) => item.kind === 'skipped').map((item) => item.kind === 'skipped' && item.why),
    ).toEqual(['JOINEMPTY', 'FULL', 'CLOSED'])
    expect(items.filter((item) => item.kind === 'rejected' || item.kind === 'unknown-verb')).toEqual([])
    const state = fold(events)
    const q1 = state.dayReport('2012-07-04').queues.find((row) => row.queue === 'q1')
    // One call entered and was answered; the row of its end is of another call, and so is the abandon.
    expect(q1).toMatchObject({ offered: 1, answered: 1, abandoned: 0, talkSecondsMean: null })
    expect(state.quality().orphanEvents).toBe(2)
  })
})
