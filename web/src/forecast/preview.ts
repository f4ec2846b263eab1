/** What edits do before they are saved: the engine's own layer over the figures that the page has. Pure. */
import { weekdayOf } from '../../../server/domain/site-calendar.ts'
import { type LayerColumns, type LayerEdit, layEdits } from '../../../server/engine/plan/edit-layer.ts'
import type {
  ForecastDayBody,
  ForecastIntervalBody,
  ForecastRangeBody,
} from '../../../server/wire/forecast-api.ts'
import { flatIntervals } from './columns.ts'
import type { Sheet } from './gestures.ts'
import type { PendingEdit } from './pending.ts'

export function sheetOf(body: ForecastRangeBody): Sheet {
  return sheetOfDays(body.days, body.intervalMinutes)
}

function sheetOfDays(days: readonly ForecastDayBody[], intervalMinutes: number): Sheet {
  return { days, intervals: flatIntervals(days), intervalMinutes }
}

/** The saved figures with the edits over them. Later edits act on what earlier ones made, so it does not matter that some are saved. */
export function previewSheet(body: ForecastRangeBody, edits: readonly PendingEdit[]): Sheet {
  const days = body.days.map((day) => {
    const active = edits.filter((edit) => isActiveOn(edit, day))
    if (active.length === 0 || day.forecast === null || day.dayMean === null) return day
    return day.intervals === undefined
      ? editedTotals(day, active)
      : editedDay(day, day.intervals, active, body.intervalMinutes)
  })
  return sheetOfDays(days, body.intervalMinutes)
}

function isActiveOn(edit: PendingEdit, day: ForecastDayBody): boolean {
  if (edit.operation === 'cells') return true
  if (day.day < (edit.fromDay ?? '') || day.day > (edit.toDay ?? '')) return false
  return edit.weekdays === undefined || edit.weekdays.includes(weekdayOf(day.day))
}

function layerEdit(edit: PendingEdit, intervalMinutes: number): LayerEdit {
  return {
    measure: edit.measure,
    operation: edit.operation,
    fromMinute: edit.fromMinute ?? 0,
    toMinute: edit.toMinute ?? 1440,
    amount: edit.amount ?? null,
    spread: edit.spread ?? 'each',
    intervalMinutes,
    cells: edit.cells ?? [],
  }
}

function editedDay(
  day: ForecastDayBody,
  intervals: readonly ForecastIntervalBody[],
  edits: readonly PendingEdit[],
  intervalMinutes: number,
): ForecastDayBody {
  const laid = layEdits(
    columnsOf(day, intervals),
    intervals,
    edits.map((edit) => layerEdit(edit, intervalMinutes)),
  )
  return {
    ...day,
    dayMean: laid.dayMean,
    dayP10: laid.dayP10,
    dayP90: laid.dayP90,
    intervals: intervals.map((interval, index) => ({
      ...interval,
      contactsMean: laid.contactsMean[index] ?? 0,
      contactsP2_5: laid.contactsP2_5[index] ?? 0,
      contactsP10: laid.contactsP10[index] ?? 0,
      contactsP90: laid.contactsP90[index] ?? 0,
      contactsP97_5: laid.contactsP97_5[index] ?? 0,
      rateCv: laid.rateCv[index] ?? 0,
      ahtSeconds: laid.ahtSeconds[index] ?? 0,
      editedContacts: interval.editedContacts || laid.editedContacts[index] === true,
      editedAht: interval.editedAht || laid.editedAht[index] === true,
    })),
  }
}

function columnsOf(day: ForecastDayBody, intervals: readonly ForecastIntervalBody[]): LayerColumns {
  return {
    originMs: day.forecast?.originMs ?? 0,
    contactsMean: intervals.map((one) => one.contactsMean),
    contactsP2_5: intervals.map((one) => one.contactsP2_5),
    contactsP10: intervals.map((one) => one.contactsP10),
    contactsP90: intervals.map((one) => one.contactsP90),
    contactsP97_5: intervals.map((one) => one.contactsP97_5),
    rateCv: intervals.map((one) => one.rateCv),
    ahtSeconds: intervals.map((one) => one.ahtSeconds),
    ahtSecondsSd: intervals.map((one) => one.ahtSecondsSd ?? 0),
    dayMean: day.dayMean ?? 0,
    dayP10: day.dayP10 ?? 0,
    dayP90: day.dayP90 ?? 0,
  }
}

/** Of a day without its intervals only what is told by its total is known: parts of it, and totals set or added to. */
function editedTotals(day: ForecastDayBody, edits: readonly PendingEdit[]): ForecastDayBody {
  const before = day.dayMean ?? 0
  let total = before
  for (const { measure, operation, amount = 0, spread } of edits) {
    if (measure !== 'contacts') continue
    if (operation === 'percent') total *= 1 + amount / 100
    if (spread === 'shape' && operation === 'set') total = amount
    if (spread === 'shape' && operation === 'add') total = Math.max(0, total + amount)
  }
  const ratio = before > 0 ? total / before : 1
  const beside = (quantile: number | null) =>
    quantile === null ? null : Math.max(0, total + (quantile - before) * ratio)
  return {
    ...day,
    dayMean: total,
    dayP10: beside(day.dayP10),
    dayP90: beside(day.dayP90),
    editCount: day.editCount + edits.length,
  }
}
