/** Public holidays of the site's country or region as special days of the forecast, from the package date-holidays. */
import Holidays from 'date-holidays'
import type { SpecialDay } from '../engine/forecast/calendar.ts'
import { epochDayOf } from '../engine/forecast/calendar.ts'

const YEARS_MAX = 20
const byRegion = new Map<string, readonly SpecialDay[]>()

/** Holidays from `fromYear` to `toYear`; none for an empty or unknown region. */
export function holidays(region: string, fromYear: number, toYear: number): readonly SpecialDay[] {
  if (region === '') return []
  const from = Math.max(fromYear, toYear - YEARS_MAX)
  const key = `${region} ${from} ${toYear}`
  const known = byRegion.get(key)
  if (known !== undefined) return known
  const [country = '', ...rest] = region.split('-')
  const calendar = rest.length === 0 ? new Holidays(country) : new Holidays(country, rest.join('-'))
  const days: SpecialDay[] = []
  const taken = new Set<number>()
  for (let year = from; year <= toYear; year += 1) {
    for (const holiday of calendar.getHolidays(year)) {
      const day = epochDayOf(holiday.date.slice(0, 10))
      if (holiday.type !== 'public' || day === undefined || taken.has(day)) continue
      taken.add(day)
      days.push({ day, kind: 'holiday', name: holiday.name })
    }
  }
  byRegion.set(key, days)
  return days
}
