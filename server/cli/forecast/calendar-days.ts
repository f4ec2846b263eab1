// The special days of a series: those of the file, and public holidays with their eves where no line of the file is about the day.

import type { SiteDay } from '../../domain/site-calendar.ts'
import { dateOf, type EpochDay, type SpecialDay } from '../../engine/forecast/calendar.ts'
import { engineDays, specialDays } from '../../planning/special-days.ts'
import { isHolidayRegion } from '../../setup/holiday-region.ts'
import { type SeriesSpecialDay, specialDaysOf } from '../history-csv.ts'

/** A forecast reaches this far beyond its history at most. */
const AHEAD_DAYS = 401

/** `FR`, or `DE-BY` from a country and its region; undefined when the package of holidays does not know it. */
export function holidayRegion(country: string, region: string | undefined): string | undefined {
  const code = region === undefined ? country : `${country}-${region}`
  return [code, code.toUpperCase()].find(isHolidayRegion)
}

/** The days of the file alone when `region` is empty. */
export function calendarDays(
  file: readonly SeriesSpecialDay[],
  series: string,
  region: string,
  history: { readonly firstDay: EpochDay; readonly days: number },
): SpecialDay[] {
  const own = specialDaysOf(file, series)
  if (region === '') return own
  const replaced = own.map(({ day }) => ordinary(dateOf(day)))
  const span = {
    queueId: series,
    fromDay: dateOf(history.firstDay),
    toDay: dateOf(history.firstDay + history.days + AHEAD_DAYS),
  }
  return [...engineDays(specialDays({ region, entries: replaced }, span)), ...own]
}

/** Takes the calendar's holiday, and with it the eve, off a day that the file speaks about. */
function ordinary(day: SiteDay) {
  return {
    id: day,
    version: 0,
    body: {
      day,
      kind: 'normal' as const,
      name: '',
      treatAsWeekday: null,
      impactRatio: null,
      lagDays: 0,
      lengthDays: 1,
      queueIds: [],
    },
  }
}
