/** What every part of the printed report needs: the sheet, the reader's language and how figures are written in it. */
import {
  SERVICE_LEVEL_FORMULAS,
  type ServiceLevelFormula,
  type ServiceLevelFraction,
  shownLevel,
} from '../domain/service-level.ts'
import { formatWithOffset } from '../domain/site-calendar.ts'
import { formulaInWords } from '../messages/formula-words.ts'
import { type ReportLocale, type ReportMessageKey, reportMessage } from '../messages/printed-report.ts'
import type { ClientDayFigures, DayReport, PeriodFigures, QueueDayReport } from '../state/figures.ts'
import { ReportSheet } from './report-sheet.ts'

/** Something that was noted of a time of the day; nobody's name. */
export interface ReportNote {
  readonly fromMs: number
  readonly toMs: number
  /** Null = the whole site. */
  readonly queueId: string | null
  readonly kind: 'outage' | 'campaign' | 'training' | 'other'
  readonly text: string
}
/** The month up to and with the day of the report, of the queues under one contract. */
export interface ReportMonth {
  readonly clientId: string
  readonly queueIds: readonly string[]
  readonly formula: ServiceLevelFormula
  readonly month: ServiceLevelFraction
  /** Closed days before the report's. */
  readonly closedDays: number
}

export interface ReportPdfOptions {
  readonly locale: ReportLocale
  readonly siteName: string
  readonly zone: string
  /** Null while the day is not closed. */
  readonly close: {
    readonly version: number
    readonly closedAtMs: number
    readonly hash: string
    /** Whether the figures are the frozen ones still. */
    readonly isCurrent: boolean
  } | null
  /** Earlier days' levels by client and its queues, oldest first. */
  readonly history: (
    client: ClientDayFigures,
  ) => readonly { readonly day: string; readonly ratio: number | null }[]
  readonly months: readonly ReportMonth[]
  readonly notes: readonly ReportNote[]
}

/** What one page is about: the queues of a client under one promise, or a queue that no client has. */
export interface ReportSubject {
  readonly title: string
  readonly figures: PeriodFigures
  readonly ratio: number | null
  readonly formula: ServiceLevelFormula
  readonly targetRatio: number | null
  readonly thresholdSeconds: number
  /** Null: its queues do not share one. */
  readonly shortAbandonSeconds: number | null
  readonly intervalsMetRatio: number | null
  readonly queues: readonly QueueDayReport[]
  readonly client: ClientDayFigures | null
}

const TAG = { en: 'en-GB', fr: 'fr-FR' } as const

export class ReportWriter {
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

  formula(formula: ServiceLevelFormula, thresholdSeconds: number): string {
    return formulaInWords(this.options.locale, formula, thresholdSeconds)
  }

  percent(ratio: number | null, decimals = 1): string {
    if (ratio === null) return '–'
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
    return this.#format({ style: 'percent', ...digits }, ratio)
  }

  /** Beside its target, as the pages show it: never rounded up to a promise that was missed. */
  level(ratio: number | null, targetRatio: number | null, decimals = 1): string {
    if (ratio === null || targetRatio === null) return this.percent(ratio, decimals)
    const shown = shownLevel(ratio, targetRatio, decimals)
    return this.percent(shown.ratio, shown.decimals)
  }

  /** With the decimals that were agreed. */
  target(ratio: number): string {
    return this.#format({ style: 'percent', maximumFractionDigits: 2 }, ratio)
  }

  number(value: number): string {
    return this.#format({}, value)
  }

  seconds(value: number | null): string {
    if (value === null) return '–'
    if (value < 60) return `${this.#format({ maximumFractionDigits: 1 }, value)} s`
    const whole = Math.round(value)
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
  }

  /** A time of the report's day, or with its date where it is of another. */
  clock(atMs: number): string {
    const local = formatWithOffset(this.options.zone, atMs)
    return local.startsWith(this.report.date) ? local.slice(11, 16) : this.dateTime(atMs)
  }

  dateTime(atMs: number): string {
    return new Intl.DateTimeFormat(TAG[this.options.locale], {
      dateStyle: 'short',
      timeStyle: 'short',
      timeZone: this.options.zone,
    }).format(atMs)
  }

  dayInWords(): string {
    const words = new Intl.DateTimeFormat(TAG[this.options.locale], {
      dateStyle: 'full',
      timeZone: 'UTC',
    }).format(new Date(`${this.report.date}T00:00:00Z`))
    return words.charAt(0).toUpperCase() + words.slice(1)
  }

  #format(options: Intl.NumberFormatOptions, value: number): string {
    return new Intl.NumberFormat(TAG[this.options.locale], options).format(value)
  }
}

export function knownFormula(name: string, fallback: ServiceLevelFormula): ServiceLevelFormula {
  return SERVICE_LEVEL_FORMULAS.find((formula) => formula === name) ?? fallback
}
