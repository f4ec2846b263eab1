/** The day report as a PDF that one would hand to a client: the percentage first, then the counts behind it, then detail. */

import type { ServiceLevelFormula } from '../domain/service-level.ts'
import {
  DEFAULT_SERVICE_LEVEL_FORMULA,
  SERVICE_LEVEL_FORMULAS,
  serviceLevelState,
} from '../domain/service-level.ts'
import { type ReportLocale, type ReportMessageKey, reportMessage } from '../messages/report.ts'
import type { ClientDayFigures, DayReport, QueueDayReport, QueueFigures } from '../state/figures.ts'
import {
  INK,
  PAGE,
  QUIET,
  ReportSheet,
  type SheetCell,
  type SheetColumn,
  STATUS_INK,
} from './report-sheet.ts'

export interface ReportPdfOptions {
  readonly locale: ReportLocale
  readonly siteName: string
  /** Null while the day is not closed. */
  readonly close: { readonly version: number; readonly closedAt: string; readonly hash: string } | null
  /** Earlier days' levels by client, oldest first. */
  readonly history: Readonly<
    Record<string, readonly { readonly day: string; readonly ratio: number | null }[]>
  >
}

const STATUS_SIGN = { kept: '+', limit: '!', missed: '×', 'no-calls': '–' } as const

interface Subject {
  readonly title: string
  readonly figures: QueueFigures
  readonly ratio: number | null
  readonly formula: ServiceLevelFormula
  readonly targetRatio: number | null
  readonly thresholdSeconds: number
  readonly intervalsMetRatio: number | null
  readonly queues: readonly QueueDayReport[]
  readonly historyKey: string | null
}

class Writer {
  readonly sheet: ReportSheet
  readonly report: DayReport
  readonly options: ReportPdfOptions

  constructor(report: DayReport, options: ReportPdfOptions) {
    this.report = report
    this.options = options
    this.sheet = new ReportSheet(`Vigie ${report.date}`)
  }

  say(key: ReportMessageKey, values: Readonly<Record<string, string | number>> = {}): string {
    return reportMessage(this.options.locale, key, values)
  }

  percent(ratio: number | null, digits = 1): string {
    if (ratio === null) return '–'
    const format = { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits } as const
    return new Intl.NumberFormat(this.options.locale, format).format(ratio)
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.options.locale).format(value)
  }

  seconds(value: number | null): string {
    if (value === null) return '–'
    if (value < 60)
      return `${new Intl.NumberFormat(this.options.locale, { maximumFractionDigits: 1 }).format(value)} s`
    const whole = Math.round(value)
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
  }

  subject(subject: Subject): void {
    const { sheet } = this
    const dateWords = new Intl.DateTimeFormat(this.options.locale, {
      dateStyle: 'full',
      timeZone: 'UTC',
    }).format(new Date(`${this.report.date}T00:00:00Z`))
    const { close } = this.options
    sheet.line(subject.title, PAGE.left, sheet.y, 340, { align: 'left', color: QUIET })
    sheet.line(this.options.siteName, PAGE.right - 180, sheet.y, 180, { align: 'right', color: QUIET })
    sheet.text(dateWords.charAt(0).toUpperCase() + dateWords.slice(1), PAGE.left, sheet.y + 14, {
      size: 16,
      bold: true,
    })
    const state =
      close === null
        ? this.say('provisional')
        : this.say('closed', { at: close.closedAt, version: close.version })
    sheet.line(state, PAGE.right - 200, sheet.y + 18, 200, { align: 'right', color: QUIET })
    sheet.y += 42
    sheet.rule(PAGE.left, sheet.y, PAGE.width, INK, 1.5)
    sheet.y += 18
    const top = sheet.y
    this.#level(subject, top)
    this.#counts(subject, top)
    sheet.y = Math.max(sheet.y, top + 190)
    this.#history(subject)
    this.#weakest(subject)
    if (subject.queues.length > 1) this.#byQueue(subject)
    this.#lens(subject)
  }

  #level(subject: Subject, top: number): void {
    const { sheet } = this
    const status =
      subject.targetRatio === null ? 'no-calls' : serviceLevelState(subject.ratio, subject.targetRatio)
    sheet.text(this.percent(subject.ratio), PAGE.left, top, {
      size: 46,
      bold: true,
      color: STATUS_INK[status],
    })
    const values = { target: this.percent(subject.targetRatio, 0), seconds: subject.thresholdSeconds }
    const words = subject.targetRatio === null ? this.say('noPromise') : this.say(status, values)
    sheet.badge(`${STATUS_SIGN[status]} ${words}`, PAGE.left, top + 58, status)
    const formulaWords = this.say(subject.formula, { seconds: subject.thresholdSeconds })
    sheet.text(this.say('formula', { formula: subject.formula, words: formulaWords }), PAGE.left, top + 90, {
      color: QUIET,
      width: 225,
    })
    if (subject.intervalsMetRatio !== null) {
      const met = this.say('intervalsMet', { ratio: this.percent(subject.intervalsMetRatio, 0) })
      sheet.text(met, PAGE.left, top + 130, { color: QUIET, width: 225 })
    }
  }

  #counts(subject: Subject, top: number): void {
    const { figures } = subject
    const seconds = subject.thresholdSeconds
    const share = (count: number) => (figures.offered === 0 ? '–' : this.percent(count / figures.offered))
    const row = (label: string, count: number): SheetCell[] => [
      { text: label },
      { text: this.number(count) },
      { text: share(count) },
    ]
    const rows: SheetCell[][] = [
      row(this.say('offered'), figures.offered),
      row(this.say('answered'), figures.answered),
      row(`   ${this.say('answeredWithin', { seconds })}`, figures.answeredWithinThreshold),
      row(this.say('abandoned'), figures.abandoned),
      row(`   ${this.say('abandonedWithin', { seconds })}`, figures.abandonedWithinThreshold),
      row(this.say('flowedOut'), figures.flowedOut),
      row(this.say('lost'), figures.lost),
      row(this.say('waiting'), figures.waiting),
      [{ text: this.say('asa') }, { text: this.seconds(figures.asaSeconds) }, { text: '' }],
      [{ text: this.say('waitMax') }, { text: this.seconds(figures.waitSecondsMax) }, { text: '' }],
    ]
    const columns: SheetColumn[] = [
      { title: this.say('calls'), width: 145, align: 'left' },
      { title: this.say('count'), width: 60, align: 'right' },
      { title: this.say('share'), width: 54, align: 'right' },
    ]
    this.sheet.y = top
    this.sheet.table(columns, rows, PAGE.right - 253)
    this.sheet.y += 12
  }

  #history(subject: Subject): void {
    if (subject.historyKey === null || subject.targetRatio === null) return
    const target = subject.targetRatio
    this.sheet.heading(this.say('thirtyDays'))
    const days = [
      ...(this.options.history[subject.historyKey] ?? []),
      { day: this.report.date, ratio: subject.ratio },
    ].slice(-30)
    if (days.length < 2) {
      this.sheet.text(this.say('noHistory'), PAGE.left, this.sheet.y, { color: QUIET })
      this.sheet.y += 22
      return
    }
    const bars = days.map(({ day, ratio }) => ({
      label: day,
      ratio,
      kept: ratio !== null && ratio >= target,
    }))
    this.sheet.bars(bars, target, 70)
  }

  #weakest(subject: Subject): void {
    const withCalls = subject.queues.flatMap((queue) =>
      queue.intervals
        .filter((interval) => interval.offered > 0)
        .map((interval) => ({ queue, interval, ratio: interval.serviceLevelRatios[subject.formula] })),
    )
    // Most contacts missed first: one missed call in a quiet quarter-hour is not the day's weakest moment.
    const missed = (entry: (typeof withCalls)[number]) => (1 - (entry.ratio ?? 1)) * entry.interval.offered
    withCalls.sort((one, other) => missed(other) - missed(one))
    this.sheet.heading(this.say('weakest'))
    if (withCalls.length === 0) {
      this.sheet.text(this.say('none'), PAGE.left, this.sheet.y, { color: QUIET })
      this.sheet.y += 22
      return
    }
    const columns: SheetColumn[] = [
      { title: this.say('interval'), width: 80, align: 'left' },
      { title: this.say('queue'), width: 167, align: 'left' },
      { title: this.say('offered'), width: 70, align: 'right' },
      { title: this.say('abandoned'), width: 70, align: 'right' },
      { title: this.say('level'), width: 60, align: 'right' },
      { title: this.say('waitMaxShort'), width: 66, align: 'right' },
    ]
    const rows = withCalls.slice(0, 8).map(({ queue, interval, ratio }): SheetCell[] => {
      const isMissed = subject.targetRatio !== null && ratio !== null && ratio < subject.targetRatio
      return [
        { text: interval.start.slice(11, 16) },
        { text: queue.name },
        { text: this.number(interval.offered) },
        { text: this.number(interval.abandoned) },
        { text: this.percent(ratio, 0), bold: isMissed, ...(isMissed ? { color: STATUS_INK.missed } : {}) },
        { text: this.seconds(interval.waitSecondsMax) },
      ]
    })
    this.sheet.table(columns, rows)
    this.sheet.y += 14
  }

  #byQueue(subject: Subject): void {
    this.sheet.heading(this.say('byQueue'))
    const columns: SheetColumn[] = [
      { title: this.say('queue'), width: 187, align: 'left' },
      { title: this.say('offered'), width: 70, align: 'right' },
      { title: this.say('answered'), width: 70, align: 'right' },
      { title: this.say('abandoned'), width: 70, align: 'right' },
      { title: this.say('level'), width: 60, align: 'right' },
      { title: this.say('waitMaxShort'), width: 56, align: 'right' },
    ]
    const rows = subject.queues.map((queue): SheetCell[] => [
      { text: queue.name },
      { text: this.number(queue.offered) },
      { text: this.number(queue.answered) },
      { text: this.number(queue.abandoned) },
      { text: this.percent(queue.serviceLevelRatios[subject.formula]) },
      { text: this.seconds(queue.waitSecondsMax) },
    ])
    this.sheet.table(columns, rows)
    this.sheet.y += 14
  }

  #lens(subject: Subject): void {
    this.sheet.heading(this.say('allFormulas'))
    const columns = SERVICE_LEVEL_FORMULAS.map(
      (formula): SheetColumn => ({ title: formula, width: 63, align: 'right' }),
    )
    const bound = (formula: ServiceLevelFormula) => formula === subject.formula
    const row = SERVICE_LEVEL_FORMULAS.map(
      (formula): SheetCell => ({
        text: this.percent(subject.figures.serviceLevelRatios[formula]),
        bold: bound(formula),
      }),
    )
    this.sheet.table(columns, [row])
  }

  finish(): Promise<Buffer> {
    const { close } = this.options
    const hash =
      close === null
        ? this.say('noHash')
        : this.say('hash', { hash: `${close.hash.slice(0, 4)}…${close.hash.slice(-4)}` })
    const count = this.report.queues.reduce((sum, queue) => sum + queue.offered, 0)
    return this.sheet.finish((page, pages) => ({
      left: this.say('verify', { day: this.report.date, count: this.number(count), hash }),
      right: this.say('page', { page, pages }),
    }))
  }
}

function clientSubject(writer: Writer, client: ClientDayFigures, report: DayReport): Subject {
  return {
    title: writer.say('title', { client: client.name }),
    figures: client,
    ratio: client.serviceLevelRatio,
    formula:
      SERVICE_LEVEL_FORMULAS.find((formula) => formula === client.formula) ?? DEFAULT_SERVICE_LEVEL_FORMULA,
    targetRatio: client.target,
    thresholdSeconds: client.answerThresholdSeconds,
    intervalsMetRatio: client.intervalsMetRatio,
    queues: report.queues.filter((queue) => client.queues.includes(queue.queue)),
    historyKey: client.client,
  }
}

function queueSubject(writer: Writer, queue: QueueDayReport): Subject {
  return {
    title: writer.say('queueTitle', { queue: queue.name }),
    figures: queue,
    ratio: queue.serviceLevelRatios[DEFAULT_SERVICE_LEVEL_FORMULA],
    formula: DEFAULT_SERVICE_LEVEL_FORMULA,
    targetRatio: null,
    thresholdSeconds: queue.answerThresholdSeconds,
    intervalsMetRatio: null,
    queues: [queue],
    historyKey: null,
  }
}

/** A page or more for each client, then one for each queue that belongs to none. Always at least one page. */
export function dayReportPdf(report: DayReport, options: ReportPdfOptions): Promise<Buffer> {
  const writer = new Writer(report, options)
  const ofClients = new Set(report.clients.flatMap((client) => client.queues))
  const subjects = [
    ...report.clients.map((client) => clientSubject(writer, client, report)),
    ...report.queues
      .filter((queue) => !ofClients.has(queue.queue))
      .map((queue) => queueSubject(writer, queue)),
  ]
  subjects.forEach((subject, index) => {
    if (index > 0) writer.sheet.newPage()
    writer.subject(subject)
  })
  if (subjects.length === 0) writer.sheet.text(writer.say('none'), PAGE.left, PAGE.top, { size: 12 })
  return writer.finish()
}
