/** A manual edit in one line: what it does, and to which days and hours. */
import type { ForecastEditBody } from '../../../server/wire/forecast-api.ts'
import { formatDecimal } from '../format/number.ts'
import { formatDay } from '../format/time.ts'
import { session } from '../session/session.svelte.ts'
import type { PendingEdit } from './pending.ts'
import { type ForecastKey, words } from './words.ts'

type Described = PendingEdit & Partial<Pick<ForecastEditBody, 'cellCount'>>

const EACH: Readonly<Record<Exclude<PendingEdit['operation'], 'cells'>, ForecastKey>> = {
  set: 'didSet',
  add: 'didAdd',
  percent: 'didPercent',
  min: 'didMin',
  max: 'didMax',
  smooth: 'didSmooth',
}

export function editText(edit: Described): string {
  const what = words(edit.measure === 'contacts' ? 'measureContacts' : 'measureAht')
  if (edit.operation === 'cells')
    return words('didCells', { what, count: edit.cellCount ?? edit.cells?.length ?? 0 })
  const amount = edit.amount ?? 0
  const key =
    edit.spread === 'shape'
      ? edit.operation === 'set'
        ? 'didSetTotal'
        : 'didAddTotal'
      : EACH[edit.operation]
  const signedAmount = edit.operation === 'percent' || edit.operation === 'add'
  const sign = signedAmount ? (amount < 0 ? '−' : '+') : ''
  return words(key, { what, amount: `${sign}${number(Math.abs(amount))}` })
}

export function editRange(
  edit: Pick<PendingEdit, 'fromDay' | 'toDay' | 'fromMinute' | 'toMinute' | 'weekdays'>,
): string {
  const { fromDay = '', toDay = '', fromMinute = 0, toMinute = 1440 } = edit
  const days =
    fromDay === toDay
      ? formatDay(session.locale, fromDay)
      : words('fromTo', { from: formatDay(session.locale, fromDay), to: formatDay(session.locale, toDay) })
  const part = fromMinute === 0 && toMinute === 1440 ? '' : `, ${clockOf(fromMinute)}–${clockOf(toMinute)}`
  const weekdays =
    edit.weekdays == null ? '' : `, ${edit.weekdays.map((weekday) => weekdayName(weekday)).join(' ')}`
  return `${days}${part}${weekdays}`
}

/** Minutes of the day as `HH:MM`. */
export function clockOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** 0 = Monday. */
export function weekdayName(weekday: number, style: 'short' | 'long' = 'short'): string {
  // 5 January 1970 was a Monday.
  return new Intl.DateTimeFormat(session.locale, { weekday: style, timeZone: 'UTC' }).format(
    (4 + weekday) * 86_400_000,
  )
}

function number(value: number): string {
  return formatDecimal(session.locale, value, Number.isInteger(value) ? 0 : 1)
}
