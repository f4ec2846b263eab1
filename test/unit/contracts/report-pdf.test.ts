import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { dayReportPdf } from '../../../server/contracts/report-pdf.ts'
import { printable } from '../../../server/contracts/report-sheet.ts'
import { serviceLevelRatios } from '../../../server/domain/service-level.ts'
import type {
  ClientDayFigures,
  DayReport,
  PeriodFigures,
  QueueDayReport,
} from '../../../server/state/figures.ts'

/** Reads the words back out of the file's compressed streams: what a reader sees, not what the writer was given. */
function textOf(pdf: Buffer): string {
  const words: string[] = []
  let from = 0
  for (;;) {
    const start = pdf.indexOf('stream\n', from)
    if (start < 0) break
    const end = pdf.indexOf('endstream', start)
    from = end + 9
    const body = pdf.subarray(start + 7, end)
    if (body[0] !== 0x78) continue
    const content = inflateSync(body).toString('latin1')
    for (const [, array = ''] of content.matchAll(/\[([^\]]*)\] TJ/g)) {
      words.push(
        [...array.matchAll(/<([0-9a-f]*)>/g)]
          .map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1'))
          .join(''),
      )
    }
  }
  return words.join('\n')
}

const counts = {
  answered: 1000,
  answeredWithinThreshold: 860,
  abandoned: 60,
  abandonedWithinThreshold: 20,
  shortAbandons: 10,
  flowedOut: 0,
  callbacksWithinThreshold: 0,
}
const figures: PeriodFigures = {
  ...counts,
  offered: 1060,
  lost: 0,
  waiting: 0,
  serviceLevelRatios: serviceLevelRatios(counts),
  asaSeconds: 11.8,
  asaAllSeconds: 12.3,
  waitSecondsMax: 167,
  waitSecondsP50: 3,
  waitSecondsP80: 16,
  waitSecondsP90: 30,
  waitSecondsP95: 61,
  waitSecondsP99: 140,
  asaEndlessPatienceSeconds: 12.6,
  handled: 1000,
  talkSecondsMean: 200,
  ahtSeconds: 240,
  transfers: 0,
}
const queue: QueueDayReport = {
  ...figures,
  queue: 'cards',
  name: 'Cartes & prêts',
  answerThresholdSeconds: 20,
  shortAbandonSeconds: 5,
  formula: 'SL4',
  target: 0.8,
  serviceLevelRatio: 860 / 1040,
  intervalsMetRatio: 1,
  intervals: [{ ...figures, start: '2026-11-24T09:00:00+01:00' }],
}
const client: ClientDayFigures = {
  ...figures,
  client: 'bank',
  name: 'Crédit Mutualiste',
  formula: 'SL4',
  view: 'arrival',
  target: 0.8,
  answerThresholdSeconds: 20,
  serviceLevelRatio: 860 / 1040,
  intervalsMetRatio: 1,
  queues: ['cards'],
}
const report: DayReport = { date: '2026-11-24', definitionsVersion: 1, queues: [queue], clients: [client] }
const options = { locale: 'fr', siteName: 'Lyon', close: null, history: {} } as const

describe('day report as PDF', () => {
  it('says the percentage, the promise, the counts and all eight formulas', async () => {
    const text = textOf(await dayReportPdf(report, options))
    expect(text).toContain('82,7\u00a0%')
    expect(text).toContain('tenu · promis 80\u00a0% en 20 s')
    expect(text).toContain('1\u00a0060')
    expect(text).toContain('Crédit Mutualiste')
    for (const percent of ['83,0', '86,0', '81,1', '82,1', '81,9'])
      expect(text).toContain(`${percent}\u00a0%`)
  })

  it('prints the same report to the same bytes', async () => {
    const once = await dayReportPdf(report, options)
    expect(once.equals(await dayReportPdf(report, options))).toBe(true)
    expect(once.subarray(0, 5).toString()).toBe('%PDF-')
  })

  it('still has a page when there is nothing to say, and a page for a queue without client', async () => {
    expect(textOf(await dayReportPdf({ ...report, queues: [], clients: [] }, options))).toContain(
      'Aucun appel',
    )
    const alone = await dayReportPdf({ ...report, clients: [] }, { ...options, locale: 'en' })
    expect(textOf(alone)).toContain('no promise is set for this queue')
  })

  it('never drops a sign that the font lacks', () => {
    expect(printable('خدمة')).toBe('????')
    expect(printable('Łódź – œuvre')).toBe('?ódz – œuvre')
  })
})
