/** Settings of special days from what the form holds. Pure. */
import type { SpecialDaySetting } from '../../../server/domain/settings.ts'
import type { SpecialDayBody } from '../../../server/wire/forecast-api.ts'
import { idFromName } from '../setup/fields.ts'

export function settingOf(day: SpecialDayBody): SpecialDaySetting {
  const { name, kind, treatAsWeekday, impactRatio, lagDays, lengthDays, queueIds } = day
  return { name, day: day.day, kind, treatAsWeekday, impactRatio, lagDays, lengthDays, queueIds }
}

/** A new setting's id says the day and the name, so that two people who enter the same day meet. */
export function settingIdOf({ day, name }: { readonly day: string; readonly name: string }): string {
  return `${day}-${idFromName(name)}`.slice(0, 60).replace(/-+$/, '')
}
