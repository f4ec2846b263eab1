/** A day report as CSV: one row a queue and interval, the same names as in the JSON. */
import { SERVICE_LEVEL_FORMULAS } from '../domain/service-level.ts'
import type { DayReport, IntervalFigures, PeriodFigures } from './figures.ts'

const COUNT_COLUMNS = [
  'offered',
  'answered',
  'abandoned',
  'flowedOut',
  'lost',
  'waiting',
  'answeredWithinThreshold',
  'abandonedWithinThreshold',
  'shortAbandons',
  'callbacksWithinThreshold',
] as const satisfies readonly (keyof PeriodFigures)[]
const MEASURE_COLUMNS = [
  'asaSeconds',
  'waitSecondsMax',
  'talkSecondsMean',
  'ahtSeconds',
  'transfers',
  'asaAllSeconds',
  'waitSecondsP50',
  'waitSecondsP80',
  'waitSecondsP90',
  'waitSecondsP95',
  'waitSecondsP99',
  'asaEndlessPatienceSeconds',
  'handled',
] as const satisfies readonly (keyof PeriodFigures)[]

const STATE_COLUMNS = ['provisional', 'revision'] as const satisfies readonly (keyof IntervalFigures)[]

/** One row a queue and interval, the same names as in the JSON; a null is an empty field. */
export function dayReportCsv(report: DayReport): string {
  const lines = [
    [
      'queue',
      'start',
      ...COUNT_COLUMNS,
      ...SERVICE_LEVEL_FORMULAS,
      ...MEASURE_COLUMNS,
      ...STATE_COLUMNS,
    ].join(','),
  ]
  for (const { queue, intervals } of report.queues) {
    for (const interval of intervals) {
      const cells = [
        csvField(queue),
        interval.start,
        ...COUNT_COLUMNS.map((name) => interval[name]),
        ...SERVICE_LEVEL_FORMULAS.map((formula) => interval.serviceLevelRatios[formula]),
        ...MEASURE_COLUMNS.map((name) => interval[name]),
        ...STATE_COLUMNS.map((name) => interval[name]),
      ]
      lines.push(cells.map((cell) => cell ?? '').join(','))
    }
  }
  return `${lines.join('\r\n')}\r\n`
}

/** Quoted where needed; a leading = + - @ would run as a formula in a spreadsheet, so such an id gets an apostrophe. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
