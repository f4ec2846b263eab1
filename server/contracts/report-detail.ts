/** The evidence of a page of the printed report: what holds of the figures, waits, days before, weakest intervals, notes, queues, formulas. */
import { SERVICE_LEVEL_FORMULAS } from '../domain/service-level.ts'
import type { IntervalFigures, QueueDayReport } from '../state/figures.ts'
import { isolated } from './bidi.ts'
import { PAGE, QUIET, type SheetCell, type SheetColumn, STATUS_INK } from './report-sheet.ts'
import type { ReportSubject, ReportWriter } from './report-writer.ts'

const WEAKEST_MAX = 8
const HISTORY_BARS_MAX = 30

/** What a reader has to know of the figures before they are used. */
export function writeRemarks(writer: ReportWriter, { queues, client }: ReportSubject): void {
  const { sheet, report, options } = writer
  const intervals = queues.flatMap((queue) => queue.intervals)
  const provisional = intervals.filter((one) => one.provisional === true && one.offered > 0).length
  const revised = intervals.filter(isRevised).length
  const remarks: string[] = []
  if (report.eventsKeptFrom !== undefined)
    remarks.push(writer.say('keptFrom', { at: writer.dateTime(Date.parse(report.eventsKeptFrom)) }))
  if (options.close?.isCurrent === false)
    remarks.push(writer.say('changedSince', { version: options.close.version }))
  if (provisional > 0 && report.watermark !== undefined) {
    const at = writer.clock(Date.parse(report.watermark))
    remarks.push(writer.say('provisionalIntervals', { count: provisional, at }))
  }
  if (revised > 0) remarks.push(writer.say('revisedIntervals', { count: revised }))
  if (client?.view === 'event') remarks.push(writer.say('byEvent'))
  if (client?.view === 'worked') remarks.push(writer.say('byWork'))
  for (const remark of remarks) {
    sheet.text('!', PAGE.left, sheet.y, { bold: true, color: STATUS_INK.limit })
    sheet.y += sheet.text(remark, PAGE.left + 10, sheet.y, { width: PAGE.width - 10 }) + 2
  }
  if (remarks.length > 0) sheet.y += 10
}

export function writeWaits(writer: ReportWriter, { figures }: ReportSubject): void {
  const waits: readonly (readonly [string, number | null])[] = [
    [writer.say('asaShort'), figures.asaSeconds],
    [writer.say('asaAllShort'), figures.asaAllSeconds],
    [writer.say('asaEndlessShort'), figures.asaEndlessPatienceSeconds],
    ['P50', figures.waitSecondsP50],
    ['P80', figures.waitSecondsP80],
    ['P90', figures.waitSecondsP90],
    ['P95', figures.waitSecondsP95],
    ['P99', figures.waitSecondsP99],
    [writer.say('waitMaxShort'), figures.waitSecondsMax],
  ]
  const isWide = (title: string) => title.length > 4
  const columns = waits.map(
    ([title]): SheetColumn => ({ title, width: isWide(title) ? 80 : 38, align: 'right' }),
  )
  writer.sheet.heading(writer.say('waits'))
  writer.sheet.table(columns, [waits.map(([, seconds]): SheetCell => ({ text: writer.seconds(seconds) }))])
  writer.sheet.y += 14
}

export function writeHistory(writer: ReportWriter, { client, targetRatio, ratio }: ReportSubject): void {
  const { sheet, options, report } = writer
  if (client === null || targetRatio === null) return
  sheet.heading(writer.say('thirtyDays'))
  const days = [...options.history(client), { day: report.date, ratio }].slice(-HISTORY_BARS_MAX)
  if (days.length < 2) {
    sheet.y += sheet.text(writer.say('noHistory'), PAGE.left, sheet.y, { color: QUIET }) + 10
    return
  }
  const bars = days.map((day) => ({
    label: day.day,
    ratio: day.ratio,
    kept: day.ratio !== null && day.ratio >= targetRatio,
  }))
  sheet.bars(bars, { ratio: targetRatio, label: writer.target(targetRatio) }, 70)
}

export function writeWeakest(writer: ReportWriter, subject: ReportSubject): void {
  const { sheet } = writer
  const weakest = weakestOf(subject)
  sheet.heading(writer.say('weakest'))
  if (weakest.length === 0) {
    sheet.y += sheet.text(writer.say('none'), PAGE.left, sheet.y, { color: QUIET }) + 10
    return
  }
  const states = weakest.map(({ interval }) => stateOf(writer, interval))
  const stateWidth = states.some((state) => state !== '') ? 67 : 0
  const columns: SheetColumn[] = [
    { title: writer.say('interval'), width: 58, align: 'left' },
    { title: writer.say('queue'), width: 209 - stateWidth, align: 'left' },
    { title: writer.say('offered'), width: 54, align: 'right' },
    { title: writer.say('abandoned'), width: 68, align: 'right' },
    { title: writer.say('level'), width: 52, align: 'right' },
    { title: writer.say('waitMaxShort'), width: 72, align: 'right' },
    ...(stateWidth > 0 ? [{ title: writer.say('state'), width: stateWidth, align: 'right' } as const] : []),
  ]
  const rows = weakest.map(({ queue, interval, ratio }, index): SheetCell[] => {
    const isMissed = subject.targetRatio !== null && ratio !== null && ratio < subject.targetRatio
    return [
      { text: interval.start.slice(11, 16) },
      { text: queue.name },
      { text: writer.number(interval.offered) },
      { text: writer.number(interval.abandoned) },
      {
        text: writer.level(ratio, subject.targetRatio, 0),
        bold: isMissed,
        ...(isMissed ? { color: STATUS_INK.missed } : {}),
      },
      { text: writer.seconds(interval.waitSecondsMax) },
      { text: states[index] ?? '', color: QUIET },
    ]
  })
  sheet.table(columns, rows)
  sheet.y += 14
}

/** Most contacts missed first: one missed call in a quiet quarter-hour is not the day's weakest moment. */
function weakestOf({ queues, formula }: ReportSubject) {
  const missed = (entry: { interval: IntervalFigures; ratio: number | null }) =>
    (1 - (entry.ratio ?? 1)) * entry.interval.offered
  return queues
    .flatMap((queue: QueueDayReport) =>
      queue.intervals
        .filter((interval) => interval.offered > 0)
        .map((interval) => ({ queue, interval, ratio: interval.serviceLevelRatios[formula] })),
    )
    .sort((one, other) => missed(other) - missed(one))
    .slice(0, WEAKEST_MAX)
}

function isRevised({ revision }: IntervalFigures): boolean {
  return revision !== undefined && revision > 1
}

function stateOf(writer: ReportWriter, interval: IntervalFigures): string {
  if (interval.provisional === true) return writer.say('isProvisional')
  return isRevised(interval) ? writer.say('isRevised', { revision: interval.revision ?? 1 }) : ''
}

/** What concerns the whole site and the subject's own queues: all that its client may read as well. */
export function writeNotes(writer: ReportWriter, { queues, client }: ReportSubject): void {
  const { sheet, options } = writer
  const own = new Set(client?.queues ?? queues.map(({ queue }) => queue))
  const notes = options.notes.filter(({ queueId }) => queueId === null || own.has(queueId))
  if (notes.length === 0) return
  sheet.heading(writer.say('notes'))
  for (const { fromMs, toMs, queueId, kind, text } of notes) {
    const about = queueId === null ? writer.say('allQueues') : isolated(nameOf(queues, queueId))
    const time = toMs > fromMs ? `${writer.clock(fromMs)}–${writer.clock(toMs)}` : writer.clock(fromMs)
    sheet.ensure(30)
    sheet.text(`${time} · ${writer.say(kind)} · ${about}`, PAGE.left, sheet.y, { bold: true })
    sheet.y += 12.6
    sheet.y += sheet.text(text, PAGE.left, sheet.y, { width: PAGE.width }) + 4
  }
  sheet.y += 10
}

function nameOf(queues: readonly QueueDayReport[], queueId: string): string {
  return queues.find(({ queue }) => queue === queueId)?.name ?? queueId
}

export function writeByQueue(writer: ReportWriter, { queues, formula, targetRatio }: ReportSubject): void {
  const { sheet } = writer
  sheet.heading(writer.say('byQueue'))
  const columns: SheetColumn[] = [
    { title: writer.say('queue'), width: 171, align: 'left' },
    { title: writer.say('offered'), width: 66, align: 'right' },
    { title: writer.say('answered'), width: 66, align: 'right' },
    { title: writer.say('abandoned'), width: 72, align: 'right' },
    { title: writer.say('level'), width: 60, align: 'right' },
    { title: writer.say('waitMaxShort'), width: 78, align: 'right' },
  ]
  const rows = queues.map((queue): SheetCell[] => [
    { text: queue.name },
    { text: writer.number(queue.offered) },
    { text: writer.number(queue.answered) },
    { text: writer.number(queue.abandoned) },
    { text: writer.level(queue.serviceLevelRatios[formula], targetRatio) },
    { text: writer.seconds(queue.waitSecondsMax) },
  ])
  sheet.table(columns, rows)
  sheet.y += 14
}

export function writeLens(writer: ReportWriter, { figures, formula, targetRatio }: ReportSubject): void {
  writer.sheet.heading(writer.say('allFormulas'))
  const columns = SERVICE_LEVEL_FORMULAS.map(
    (name): SheetColumn => ({ title: name, width: 63, align: 'right' }),
  )
  const row = SERVICE_LEVEL_FORMULAS.map(
    (name): SheetCell => ({
      text: writer.level(figures.serviceLevelRatios[name], targetRatio),
      bold: name === formula,
    }),
  )
  writer.sheet.table(columns, [row])
}
