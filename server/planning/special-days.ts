/** The calendar of special days: public holidays of the site's region with their eves, changed and added to by the settings. */
import type { SpecialDaySetting } from '../domain/settings.ts'
import { addDays, type SiteDay } from '../domain/site-calendar.ts'
import { dateOf, epochDayOf, type SpecialDay } from '../engine/forecast/calendar.ts'
import type { SpecialDayBody } from '../wire/forecast-api.ts'
import { holidays } from './holidays.ts'

export interface SpecialDayEntry {
  readonly id: string
  readonly version: number
  readonly body: SpecialDaySetting
}

export interface SpecialDaySources {
  readonly region: string
  readonly entries: readonly SpecialDayEntry[]
}

/** Special days that begin in the span, for one queue or (null) for any, by day. An entry takes the place of the holiday of its day. */
export function specialDays(
  { region, entries }: SpecialDaySources,
  span: { readonly queueId: string | null; readonly fromDay: SiteDay; readonly toDay: SiteDay },
): readonly SpecialDayBody[] {
  const { queueId, fromDay, toDay } = span
  const own = entries.filter(
    ({ body }) =>
      body.day >= fromDay &&
      body.day <= toDay &&
      (queueId === null || body.queueIds.length === 0 || body.queueIds.includes(queueId)),
  )
  // The eve of a holiday may lie in the span when the holiday does not.
  const holidaysToDay = addDays(toDay, 1)
  const calendar = holidays(region, Number(fromDay.slice(0, 4)), Number(holidaysToDay.slice(0, 4)))
    .map((holiday) => ({ day: dateOf(holiday.day), name: holiday.name ?? '' }))
    .filter(({ day }) => day >= fromDay && day <= holidaysToDay)
  const holidayDays = new Set(calendar.map(({ day }) => day))
  const replaced = new Set(
    own.filter(({ body }) => queueId !== null || body.queueIds.length === 0).map(({ body }) => body.day),
  )
  const kept = calendar.filter(({ day }) => !replaced.has(day))
  const eves = kept
    .map(({ day, name }) => ({ day: addDays(day, -1), name }))
    .filter(({ day }) => !holidayDays.has(day) && !replaced.has(day))
  const found = [
    ...kept.map(({ day, name }) => fromCalendar(day, 'holiday', name)),
    ...eves.map(({ day, name }) => fromCalendar(day, 'eve', name)),
    ...own.map((entry) => fromSetting(entry, holidayDays.has(entry.body.day))),
  ].filter(({ day }) => day >= fromDay && day <= toDay)
  return found.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.name < b.name ? -1 : 1))
}

function fromCalendar(day: SiteDay, kind: 'holiday' | 'eve', name: string): SpecialDayBody {
  return {
    day,
    kind,
    name,
    treatAsWeekday: null,
    impactRatio: null,
    lagDays: 0,
    lengthDays: 1,
    origin: 'calendar',
    settingId: null,
    settingVersion: null,
    queueIds: [],
  }
}

function fromSetting({ id, version, body }: SpecialDayEntry, isHoliday: boolean): SpecialDayBody {
  const { day, kind, name, treatAsWeekday, impactRatio, lagDays, lengthDays, queueIds } = body
  return {
    day,
    kind,
    name,
    treatAsWeekday,
    impactRatio,
    lagDays,
    lengthDays,
    origin: isHoliday ? 'both' : 'setting',
    settingId: id,
    settingVersion: version,
    queueIds,
  }
}

/** As the engine wants them; an ordinary day is none. */
export function engineDays(days: readonly SpecialDayBody[]): readonly SpecialDay[] {
  return days.flatMap(({ day, kind, name, treatAsWeekday, impactRatio, lagDays, lengthDays }) => {
    const epochDay = epochDayOf(day)
    if (kind === 'normal' || epochDay === undefined) return []
    return [
      {
        day: epochDay,
        kind,
        name,
        lagDays,
        lengthDays,
        ...(treatAsWeekday !== null && { treatAsWeekday }),
        ...(impactRatio !== null && { impactRatio }),
      },
    ]
  })
}

/** Whether a special day acts on `day`. */
export function actsOn(special: SpecialDayBody, day: SiteDay): boolean {
  const from = addDays(special.day, special.lagDays)
  return day >= from && day < addDays(from, special.lengthDays)
}

/** Special days that act on the span may begin this much before it. */
export const SPECIAL_REACH_DAYS = 730
