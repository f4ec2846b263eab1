/** The printed report says what the API says, in words that every reader's script can be set in. */
import { describe, expect, it } from 'vitest'
import { dayReportPdf } from '../../../server/contracts/report-pdf.ts'
import type { ReportPdfOptions } from '../../../server/contracts/report-writer.ts'
import { serviceLevelRatios } from '../../../server/domain/service-level.ts'
import type {
  ClientDayFigures,
  DayReport,
  PeriodFigures,
  QueueDayReport,
} from '../../../server/state/figures.ts'
import { pdfText } from '../../support/pdf-text.ts'

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
const options: ReportPdfOptions = {
  locale: 'fr',
  siteName: 'Lyon',
  zone: 'Europe/Paris',
  close: null,
  history: () => [],
  months: [],
  notes: [],
}
async function textOf(of: DayReport, more: Partial<ReportPdfOptions> = {}): Promise<string> {
  return pdfText(await dayReportPdf(of, { ...options, ...more }))
}

describe('day report as PDF', () => {
  it('says the percentage, the promise, the counts and all eight formulas', async () => {
    const text = await textOf(report)
    expect(text).toContain('82,7 %')
    expect(text).toContain('✓ tenu · promis 80 % en 20 s')
    expect(text).toContain('1 060')
    expect(text).toContain('manqués, selon SL4180')
    expect(text).toContain('Crédit Mutualiste')
    for (const percent of ['83,0', '86,0', '81,1', '82,1', '81,9']) expect(text).toContain(`${percent} %`)
  })

  it('gives the waits by percentile, and the mean of who never gives up', async () => {
    expect(await textOf(report)).toContain('11,8 s12,3 s12,6 s3 s16 s30 s1:012:202:47')
  })

  it('never rounds a missed promise up to a kept one, and keeps the decimals of a target', async () => {
    const missed = { ...client, target: 0.825, serviceLevelRatio: 0.82496 }
    const text = await textOf({ ...report, clients: [missed] })
    expect(text).toContain('82,49 %')
    expect(text).toContain('promis 82,5 % en 20 s')
  })

  it('puts the month beside the day, of the contract that the page is about', async () => {
    const month = { formula: 'SL4', month: { numerator: 7, denominator: 10 }, closedDays: 12 } as const
    const text = await textOf(report, {
      months: [
        { ...month, clientId: 'other', queueIds: ['cards'], month: { numerator: 1, denominator: 1 } },
        { ...month, clientId: 'bank', queueIds: ['cards', 'loans'] },
      ],
    })
    expect(text).toContain('× Mois à ce jour · manqué à ce jour')
    expect(text).toContain('70,0 % (7 ÷ 10), 12 jours clos et celui-ci')
  })

  it('prints the notes that concern the page, without names', async () => {
    const at = (time: string) => Date.parse(`2026-11-24T${time}:00+01:00`)
    const note = { kind: 'outage', fromMs: at('10:05'), toMs: at('10:40') } as const
    const text = await textOf(report, {
      notes: [
        { ...note, queueId: null, text: 'Panne de l’opérateur' },
        { ...note, queueId: 'cards', kind: 'campaign', text: 'Courrier aux porteurs' },
        { ...note, queueId: 'loans', text: 'Affaire d’un autre' },
      ],
    })
    expect(text).toContain('10:05–10:40 · Panne · toutes les files\nPanne de l’opérateur')
    expect(text).toContain('Campagne · Cartes & prêts\nCourrier aux porteurs')
    expect(text).not.toContain('Affaire')
  })

  it('says what is provisional, revised, changed since the close and no longer kept', async () => {
    const interval = { ...figures, start: '2026-11-24T09:00:00+01:00' }
    const intervals = [
      { ...interval, provisional: true, revision: 1 },
      { ...interval, start: '2026-11-24T09:15:00+01:00', provisional: false, revision: 3 },
    ]
    const close = {
      version: 2,
      closedAtMs: Date.parse('2026-11-24T20:05:00Z'),
      hash: 'ab12cd34',
      isCurrent: false,
    }
    const text = await textOf(
      {
        ...report,
        queues: [{ ...queue, intervals }],
        watermark: '2026-11-24T08:10:00Z',
        eventsKeptFrom: '2026-12-01T00:00:00+01:00',
      },
      { locale: 'en', close },
    )
    expect(text).toContain(
      'Provisional: 1 intervals with calls may still change. Everything is known up to 09:10.',
    )
    expect(text).toContain('1 intervals changed after they were final')
    expect(text).toMatch(/09:00.*provisional/)
    expect(text).toMatch(/09:15.*revision 3/)
    expect(text).toContain('Figures changed after version 2 was closed')
    expect(text).toContain('The events of this day are no longer kept (they are from 01/12/2026, 00:00)')
    expect(text).toContain('closed 24/11/2026, 21:05 · version 2')
  })

  it('prints the same report to the same bytes', async () => {
    const once = await dayReportPdf(report, options)
    expect(once.equals(await dayReportPdf(report, options))).toBe(true)
    expect(once.subarray(0, 5).toString()).toBe('%PDF-')
  })

  it('still has a page when there is nothing to say, and a page for a queue without client', async () => {
    expect(await textOf({ ...report, queues: [], clients: [] })).toContain('Aucun appel')
    const alone = { ...report, queues: [{ ...queue, target: null }], clients: [] }
    expect(await textOf(alone, { locale: 'en' })).toContain('no promise is set for this queue')
  })

  it('sets names in the letters of their script, and drops no sign', async () => {
    const named = async (name: string) => textOf({ ...report, clients: [{ ...client, name }] })
    for (const name of ['Łódź – Zażółć gęślą jaźń', 'Ελληνικά', 'Служба поддержки', 'Tiếng Việt', 'œuvre'])
      expect(await named(name)).toContain(name)
    // From left to right on the page: the last word first, each from its last letter.
    expect(await named('بنك القاهرة')).toContain('ةرهاقلا كنب')
    expect(await named('שירות 24')).toContain('24 תוריש')
    expect(await named('بنك (12)')).toContain('jour · (12) كنب')
    expect(await named('日本 OK')).toContain('?? OK')
  })

  it('cuts a name that does not fit, at a letter', async () => {
    const text = await textOf({ ...report, clients: [{ ...client, name: 'é'.repeat(80) }] })
    expect(text).toMatch(/· é{20,60}…/)
  })
})
