/** The head of a page of the printed report: whose day it is, the percentage against the promise, the counts that make it. */
import { serviceLevelFraction, serviceLevelState } from '../domain/service-level.ts'
import { PAGE, QUIET, type SheetCell, type SheetColumn, STATUS_INK } from './report-sheet.ts'
import type { ReportSubject, ReportWriter } from './report-writer.ts'

const STATUS_SIGN = { kept: '✓', limit: '!', missed: '×', 'no-calls': '–' } as const
const LEVEL_WIDTH = 225

export function writeHead(writer: ReportWriter, title: string): void {
  const { sheet, options } = writer
  const { close } = options
  sheet.line(title, PAGE.left, sheet.y, 320, { align: 'left', color: QUIET })
  sheet.line(options.siteName, PAGE.right - 180, sheet.y, 180, { align: 'right', color: QUIET })
  sheet.text(writer.dayInWords(), PAGE.left, sheet.y + 14, { size: 16, bold: true })
  const state =
    close === null
      ? writer.say('provisional')
      : writer.say('closed', { at: writer.dateTime(close.closedAtMs), version: close.version })
  sheet.line(state, PAGE.right - 240, sheet.y + 18, 240, { align: 'right', color: QUIET })
  sheet.y += 42
}

/** Tells where it ends. */
export function writeLevel(writer: ReportWriter, subject: ReportSubject, top: number): number {
  const { sheet } = writer
  const { ratio, targetRatio, thresholdSeconds: seconds } = subject
  const status = targetRatio === null ? 'no-calls' : serviceLevelState(ratio, targetRatio)
  sheet.text(writer.level(ratio, targetRatio), PAGE.left, top, {
    size: 46,
    bold: true,
    color: STATUS_INK[status],
  })
  const words =
    targetRatio === null
      ? writer.say('noPromise')
      : writer.say(status, { target: writer.target(targetRatio), seconds })
  sheet.badge(`${STATUS_SIGN[status]} ${words}`, PAGE.left, top + 58, status)
  let y = top + 90
  const quiet = (text: string) => {
    y += sheet.text(text, PAGE.left, y, { color: QUIET, width: LEVEL_WIDTH }) + 4
  }
  quiet(writer.say('formula', { formula: subject.formula, words: writer.formula(subject.formula, seconds) }))
  if (subject.intervalsMetRatio !== null)
    quiet(writer.say('intervalsMet', { ratio: writer.percent(subject.intervalsMetRatio, 0) }))
  return writeMonth(writer, subject, y + 4)
}

function writeMonth(writer: ReportWriter, subject: ReportSubject, y: number): number {
  const { sheet, options } = writer
  const { client, targetRatio } = subject
  if (client === null || targetRatio === null) return y
  const found = options.months.find(
    (one) => one.clientId === client.client && client.queues.every((queue) => one.queueIds.includes(queue)),
  )
  if (found === undefined) return y
  const { numerator, denominator } = found.month
  const ratio = denominator === 0 ? null : numerator / denominator
  const status = serviceLevelState(ratio, targetRatio)
  const word = ratio === null ? '' : ` · ${writer.say(ratio >= targetRatio ? 'monthKept' : 'monthMissed')}`
  const title = `${STATUS_SIGN[status]} ${writer.say('month')}${word}`
  const height = sheet.text(title, PAGE.left, y, { bold: true, color: STATUS_INK[status] })
  const values = {
    level: writer.level(ratio, targetRatio),
    count: writer.number(numerator),
    of: writer.number(denominator),
    days: found.closedDays,
  }
  const words = writer.say(found.closedDays === 0 ? 'monthAlone' : 'monthText', values)
  return y + height + sheet.text(words, PAGE.left, y + height, { color: QUIET, width: LEVEL_WIDTH })
}

/** Tells where they end. */
export function writeCounts(writer: ReportWriter, subject: ReportSubject, top: number): number {
  const { sheet } = writer
  const { figures, formula, shortAbandonSeconds, thresholdSeconds: seconds } = subject
  const share = (count: number) => (figures.offered === 0 ? '–' : writer.percent(count / figures.offered))
  const row = (label: string, count: number): SheetCell[] => [
    { text: label },
    { text: writer.number(count) },
    { text: share(count) },
  ]
  const inner = (label: string) => `\u00a0\u00a0\u00a0${label}`
  const { numerator, denominator } = serviceLevelFraction(formula, figures)
  const short =
    shortAbandonSeconds === null
      ? []
      : [row(inner(writer.say('shortAbandons', { seconds: shortAbandonSeconds })), figures.shortAbandons)]
  const callbacks =
    figures.callbacksWithinThreshold === 0
      ? []
      : [row(inner(writer.say('callbacks', { seconds })), figures.callbacksWithinThreshold)]
  const rows: SheetCell[][] = [
    row(writer.say('offered'), figures.offered),
    row(writer.say('answered'), figures.answered),
    row(inner(writer.say('answeredWithin', { seconds })), figures.answeredWithinThreshold),
    row(writer.say('abandoned'), figures.abandoned),
    row(inner(writer.say('abandonedWithin', { seconds })), figures.abandonedWithinThreshold),
    ...short,
    row(writer.say('flowedOut'), figures.flowedOut),
    ...callbacks,
    row(writer.say('lost'), figures.lost),
    row(writer.say('waiting'), figures.waiting),
    row(writer.say('missedContacts', { formula }), denominator - numerator),
    [{ text: writer.say('asa') }, { text: writer.seconds(figures.asaSeconds) }, { text: '' }],
    [{ text: writer.say('aht') }, { text: writer.seconds(figures.ahtSeconds) }, { text: '' }],
  ]
  const columns: SheetColumn[] = [
    { title: writer.say('calls'), width: 145, align: 'left' },
    { title: writer.say('count'), width: 60, align: 'right' },
    { title: writer.say('share'), width: 54, align: 'right' },
  ]
  sheet.y = top
  sheet.table(columns, rows, PAGE.right - 253)
  return sheet.y
}
