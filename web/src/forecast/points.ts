/** What the chart draws: one point an interval, or a day where there are too many intervals to read. Pure. */
import { addDays, dayStartMs } from '../../../server/domain/site-calendar.ts'
import type { ForecastSpan } from '../shell/route.ts'
import type { Sheet } from './gestures.ts'

export interface ChartPoint {
  readonly startMs: number
  readonly endMs: number
  /** Null where no forecast exists. */
  readonly mean: number | null
  readonly low: number | null
  readonly high: number | null
  readonly model: number | null
  /** Null where it is not over, or nothing is known. */
  readonly actual: number | null
  readonly oneOff: boolean
}

export function pointsByDay(span: ForecastSpan): boolean {
  return span === 'four-weeks' || span === 'quarter'
}

/** A closed day is a gap in the line, not a fall to nothing. */
function forecastOf(day: Sheet['days'][number]) {
  if (day.dayMean === 0) return { mean: null, low: null, high: null, model: null }
  return { mean: day.dayMean, low: day.dayP10, high: day.dayP90, model: day.modelDayMean }
}

export function chartPoints(
  sheet: Sheet,
  zone: string,
  span: ForecastSpan,
  today: string,
): readonly ChartPoint[] {
  if (pointsByDay(span))
    return sheet.days.map((day) => ({
      startMs: dayStartMs(zone, day.day),
      endMs: dayStartMs(zone, addDays(day.day, 1)),
      ...forecastOf(day),
      // The running day is not over: its count would look like a fall.
      actual: day.day < today && !(day.actualContacts === 0 && day.dayMean === 0) ? day.actualContacts : null,
      oneOff: day.oneOffCount > 0,
    }))
  return sheet.intervals.map((interval) => {
    const known = sheet.days[interval.dayIndex]?.forecast != null
    return {
      startMs: interval.startMs,
      endMs: interval.startMs + sheet.intervalMinutes * 60_000,
      mean: known ? interval.contactsMean : null,
      low: known ? interval.contactsP10 : null,
      high: known ? interval.contactsP90 : null,
      model: known ? interval.modelContacts : null,
      actual: interval.actualContacts,
      oneOff: interval.oneOff,
    }
  })
}
