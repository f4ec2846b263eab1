/** Which countries and regions have known public holidays: the site may only name one of them. */
import Holidays from 'date-holidays'

let calendars: Holidays | undefined

/** True for an empty region, a country (`FR`) or a region of it (`DE-BY`) that the package date-holidays knows. */
export function isHolidayRegion(text: string): boolean {
  if (text === '') return true
  calendars ??= new Holidays()
  const [country = '', ...rest] = text.split('-')
  if (!Object.hasOwn(calendars.getCountries(), country)) return false
  return rest.length === 0 || Object.hasOwn(calendars.getStates(country) ?? {}, rest.join('-'))
}
