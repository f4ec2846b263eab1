/** What a printed report says of its close and its month: of the newest versions, by figures and not by names. */
import { describe, expect, it } from 'vitest'
import type { DayClose } from '../../server/contracts/day-close-store.ts'
import { DEFAULT_SITE, defaultQueue } from '../../server/domain/settings.ts'
import type { DayReportQuery } from '../../server/http/report-routes.ts'
import { type PrintedReportOptions, printedReport } from '../../server/printed-report.ts'
import type { DayReport } from '../../server/state/figures.ts'
import { emptyTally, tallyFigures } from '../../server/state/period-tally.ts'
import { createSettingsView } from '../../server/state/settings-view.ts'
import { pdfText } from '../support/pdf-text.ts'

const DAY = '2026-03-06'
const settings = createSettingsView({
  site: { ...DEFAULT_SITE, zone: 'UTC' },
  queues: new Map([['orders', { ...defaultQueue('orders', 'UTC'), clientId: 'acme' }]]),
  clients: new Map([['acme', { name: 'Acme' }]]),
  agents: new Map(),
  promises: [
    {
      clientId: 'acme',
      queueIds: [],
      targetRatio: 0.8,
      answerThresholdSeconds: 20,
      shortAbandonSeconds: 5,
      formula: 'SL3',
      effectiveFrom: '2026-01-01',
    },
  ],
})
function reportOf(day: string, answered: number, soon: number, names = 'Orders'): DayReport {
  const figures = {
    ...tallyFigures(emptyTally()),
    offered: answered,
    answered,
    answeredWithinThreshold: soon,
  }
  const promise = {
    answerThresholdSeconds: 20,
    target: 0.8,
    serviceLevelRatio: soon / answered,
    formula: 'SL3' as const,
  }
  return {
    date: day,
    definitionsVersion: 1,
    queues: [
      {
        ...figures,
        ...promise,
        queue: 'orders',
        name: names,
        shortAbandonSeconds: 5,
        intervalsMetRatio: null,
        intervals: [],
      },
    ],
    clients: [
      {
        ...figures,
        ...promise,
        client: 'acme',
        name: names,
        view: 'arrival',
        intervalsMetRatio: null,
        queues: ['orders'],
      },
    ],
  }
}
const closeOf = (report: DayReport, version = 1): DayClose => ({
  day: report.date,
  version,
  closedAtMs: Date.UTC(2026, 2, 7),
  hash: 'abcd1234',
  report,
})
const query = {
  day: DAY,
  queueId: null,
  clientId: null,
  answerThresholdSeconds: null,
  shortAbandonSeconds: null,
  intervalMinutes: null,
  view: null,
  language: 'en',
} satisfies DayReportQuery

async function printed(
  report: DayReport,
  close: DayReport,
  before: readonly DayClose[] = [],
): Promise<string> {
  const options = {
    dayCloses: { newestDayClose: async () => closeOf(close), dayCloses: async () => before },
    settings,
    site: () => ({ name: 'Lyon', zone: 'UTC' }),
    notes: async () => [],
  } as unknown as PrintedReportOptions
  return pdfText(Buffer.from(await printedReport(report, query, options)))
}

describe('the printed report', () => {
  it('says that figures changed since the close, but not that a name did or that a queue is new', async () => {
    const closed = reportOf(DAY, 10, 8)
    const words = 'Figures changed after version 1'
    expect(await printed(reportOf(DAY, 10, 7), closed)).toContain(words)
    const renamed = reportOf(DAY, 10, 8, 'Renamed')
    const [queue] = renamed.queues
    if (queue === undefined) throw new Error('no queue')
    const fresh = { ...queue, ...tallyFigures(emptyTally()), queue: 'fresh' }
    expect(await printed({ ...renamed, queues: [queue, fresh] }, closed)).not.toContain(words)
    expect(await printed({ ...renamed, queues: [queue, { ...fresh, offered: 1 }] }, closed)).toContain(words)
  })

  it('adds to the day the newest close of each day of its month, and of no other month', async () => {
    const before = [
      closeOf(reportOf('2026-02-28', 100, 0)),
      closeOf(reportOf('2026-03-04', 50, 0)),
      closeOf(reportOf('2026-03-04', 20, 16), 2),
      closeOf(reportOf('2026-03-05', 30, 15)),
    ]
    const today = reportOf(DAY, 10, 9)
    expect(await printed(today, today, before)).toContain('66.7% (40 ÷ 60), 2 closed days and this one')
  })
})
