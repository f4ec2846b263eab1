/** Figures of the page's columns and ranges, from intervals or days: sums of contacts, contact-weighted handling times. Pure. */
import type { ForecastColumn } from './columns.ts'
import type { Sheet } from './gestures.ts'

export interface ColumnFigures {
  /** Null where no forecast exists. */
  readonly contacts: number | null
  readonly model: number | null
  /** Only of a single interval or day: quantiles of sums are no sums of quantiles. */
  readonly low: number | null
  readonly high: number | null
  /** Null unless everything of the column is over and known. */
  readonly actual: number | null
  readonly ahtSeconds: number | null
  readonly actualAhtSeconds: number | null
  readonly editedContacts: boolean
  readonly editedAht: boolean
  readonly oneOff: boolean
  /** Something can be forecast in it: the queue is open. */
  readonly open: boolean
}

export function columnFigures(sheet: Sheet, column: ForecastColumn): ColumnFigures {
  return column.label === '' ? dayFigures(sheet, column) : timeFigures(sheet, column)
}

function intervalsOf(sheet: Sheet, column: ForecastColumn) {
  return column.indexes.flatMap((index) => sheet.intervals[index] ?? [])
}

function timeFigures(sheet: Sheet, column: ForecastColumn): ColumnFigures {
  const parts = intervalsOf(sheet, column)
  const known = sheet.days[column.dayIndexes[0] ?? -1]?.forecast != null
  const [only] = parts.length === 1 ? parts : []
  const over = parts.every((part) => part.actualContacts !== null)
  return {
    contacts: known ? sum(parts, (part) => part.contactsMean) : null,
    model: known ? sum(parts, (part) => part.modelContacts) : null,
    low: known ? (only?.contactsP10 ?? null) : null,
    high: known ? (only?.contactsP90 ?? null) : null,
    actual: over ? sum(parts, (part) => part.actualContacts ?? 0) : null,
    ahtSeconds: known ? weightedAht(parts) : null,
    actualAhtSeconds: over ? actualAht(parts) : null,
    open: parts.some((part) => part.open),
    ...marks(parts),
  }
}

function dayFigures(sheet: Sheet, column: ForecastColumn): ColumnFigures {
  const parts = intervalsOf(sheet, column)
  const days = column.dayIndexes.flatMap((index) => sheet.days[index] ?? [])
  const [only] = days.length === 1 ? days : []
  const all = (pick: (day: (typeof days)[number]) => number | null) =>
    days.every((day) => pick(day) !== null) ? sum(days, (day) => pick(day) ?? 0) : null
  const found = marks(parts)
  return {
    contacts: all((day) => day.dayMean),
    model: all((day) => day.modelDayMean),
    // A closed day has no band.
    low: only?.dayMean === 0 ? null : (only?.dayP10 ?? null),
    high: only?.dayMean === 0 ? null : (only?.dayP90 ?? null),
    actual: all((day) => day.actualContacts),
    ahtSeconds: weightedAht(parts),
    actualAhtSeconds: parts.every((part) => part.actualContacts !== null) ? actualAht(parts) : null,
    editedContacts: found.editedContacts || (parts.length === 0 && days.some((day) => day.editCount > 0)),
    editedAht: found.editedAht,
    oneOff: days.some((day) => day.oneOffCount > 0),
    open: parts.length === 0 || parts.some((part) => part.open),
  }
}

interface Part {
  readonly contactsMean: number
  readonly ahtSeconds: number
  readonly actualContacts: number | null
  readonly actualAhtSeconds: number | null
  readonly editedContacts: boolean
  readonly editedAht: boolean
  readonly oneOff: boolean
}

function marks(parts: readonly Part[]) {
  return {
    editedContacts: parts.some((part) => part.editedContacts),
    editedAht: parts.some((part) => part.editedAht),
    oneOff: parts.some((part) => part.oneOff),
  }
}

function weightedAht(parts: readonly Part[]): number | null {
  const contacts = sum(parts, (part) => part.contactsMean)
  return contacts > 0 ? sum(parts, (part) => part.contactsMean * part.ahtSeconds) / contacts : null
}

function actualAht(parts: readonly Part[]): number | null {
  const known = parts.filter((part) => part.actualAhtSeconds !== null && (part.actualContacts ?? 0) > 0)
  const contacts = sum(known, (part) => part.actualContacts ?? 0)
  return contacts > 0
    ? sum(known, (part) => (part.actualContacts ?? 0) * (part.actualAhtSeconds ?? 0)) / contacts
    : null
}

function sum<T>(parts: readonly T[], of: (part: T) => number): number {
  return parts.reduce((total, part) => total + of(part), 0)
}

/** Contacts of all days shown; null when no day has a forecast. */
export function rangeTotal(sheet: Sheet): number | null {
  const known = sheet.days.filter((day) => day.dayMean !== null)
  return known.length === 0 ? null : sum(known, (day) => day.dayMean ?? 0)
}
