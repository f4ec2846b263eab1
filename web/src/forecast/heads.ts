/** Words on the axis: heads of the columns, special days, one-offs and level changes, the chosen range. */
import { dayStartMs } from '../../../server/domain/site-calendar.ts'
import type { ForecastRangeBody, OneOffBody, SpecialDayBody } from '../../../server/wire/forecast-api.ts'
import { formatDecimal } from '../format/number.ts'
import { formatDay } from '../format/time.ts'
import { session } from '../session/session.svelte.ts'
import type { ForecastSpan } from '../shell/route.ts'
import type { ColumnKind, ForecastColumn } from './columns.ts'
import { clockOf } from './edit-words.ts'
import type { ChartMark } from './ForecastChart.svelte'
import type { ColumnHead } from './ForecastTable.svelte'
import type { ColumnFigures } from './figures.ts'
import type { Sheet } from './gestures.ts'
import { pointsByDay } from './points.ts'
import { kindWords, words } from './words.ts'

const CHIPS_MAX = 8

const specialText = (day: SpecialDayBody) => `${day.name} (${kindWords(day.kind)})`

/** An ordinary day of the calendar is nothing to be warned of. */
function shownSpecials(days: readonly SpecialDayBody[]): readonly SpecialDayBody[] {
  return days.filter(({ kind }) => kind !== 'normal')
}

export function columnHeads(
  body: ForecastRangeBody,
  columns: readonly ForecastColumn[],
  figures: readonly ColumnFigures[],
  kind: ColumnKind,
): readonly ColumnHead[] {
  return columns.map((column, place) => {
    const days = column.dayIndexes.flatMap((index) => body.days[index] ?? [])
    const first = days[0]?.day ?? ''
    const oneOff = figures[place]?.oneOff === true ? [{ kind: 'one-off', text: words('oneOff') }] : []
    if (kind === 'time') return { text: column.label, title: column.label, marks: oneOff }
    const title =
      kind === 'day'
        ? formatDay(session.locale, first, 'long')
        : words('weekOf', { day: formatDay(session.locale, first) })
    const specials = days.flatMap((day) =>
      shownSpecials(day.specialDays).map((special) => ({ kind: special.kind, text: special.name })),
    )
    return { text: kind === 'day' ? dayHead(first) : dateHead(first), title, marks: [...specials, ...oneOff] }
  })
}

/** `Tue 24`, `mar. 24`. */
function dayHead(day: string): string {
  return shortDate(day, { weekday: 'short', day: 'numeric' })
}
/** `24 Nov`. */
function dateHead(day: string): string {
  return shortDate(day, { day: 'numeric', month: 'short' })
}
function shortDate(day: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(session.locale === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone: 'UTC',
    ...options,
  }).format(Date.parse(`${day}T12:00:00Z`))
}

export function specialDayChips(
  body: ForecastRangeBody,
): readonly { readonly kind: string; readonly text: string }[] {
  const chips = body.days.flatMap((day) =>
    shownSpecials(day.specialDays).map((special) => ({
      kind: special.kind,
      text:
        body.days.length === 1
          ? specialText(special)
          : `${formatDay(session.locale, day.day)} · ${specialText(special)}`,
    })),
  )
  if (chips.length <= CHIPS_MAX) return chips
  return [
    ...chips.slice(0, CHIPS_MAX),
    { kind: 'event', text: words('moreSpecial', { count: chips.length - CHIPS_MAX }) },
  ]
}

export function oneOffChips(
  marks: readonly OneOffBody[],
): readonly { readonly kind: string; readonly text: string }[] {
  return marks
    .filter(({ removedAtMs }) => removedAtMs === null)
    .map((mark) => ({
      kind: 'one-off',
      text: `${words('oneOff')} ${clockOf(mark.fromMinute)}–${clockOf(mark.toMinute)} · ${mark.reason}`,
    }))
}

export function chartMarks(body: ForecastRangeBody, sheet: Sheet, span: ForecastSpan): readonly ChartMark[] {
  const bounds = (day: string, next: string | undefined) => {
    const startMs = dayStartMs(body.zone, day)
    return { startMs, endMs: next === undefined ? startMs + 86_400_000 : dayStartMs(body.zone, next) }
  }
  const specials = body.days.flatMap((day, index) =>
    body.days.length === 1
      ? []
      : shownSpecials(day.specialDays)
          .slice(0, 1)
          .map(
            (special): ChartMark => ({
              ...bounds(day.day, body.days[index + 1]?.day),
              text: special.name,
              kind: 'special',
            }),
          ),
  )
  const level = body.days
    .flatMap((day) => day.forecast?.notes ?? [])
    .find(({ kind }) => kind === 'level-change')
  const levelMark: readonly ChartMark[] =
    level?.day !== undefined &&
    level.day > (body.days[0]?.day ?? '') &&
    level.day <= (body.days.at(-1)?.day ?? '')
      ? [
          {
            ...bounds(level.day, undefined),
            text: words('newLevel', { ratio: formatDecimal(session.locale, level.ratio ?? 1, 2) }),
            kind: 'level',
          },
        ]
      : []
  return [...specials, ...oneOffMarks(sheet, span), ...levelMark]
}

/** Stretches of marked intervals. */
function oneOffMarks(sheet: Sheet, span: ForecastSpan): readonly ChartMark[] {
  if (pointsByDay(span)) return []
  const marks: { startMs: number; endMs: number; text: string; kind: 'one-off' }[] = []
  const stepMs = sheet.intervalMinutes * 60_000
  for (const interval of sheet.intervals) {
    if (!interval.oneOff) continue
    const last = marks.at(-1)
    if (last?.endMs === interval.startMs) last.endMs += stepMs
    else
      marks.push({
        startMs: interval.startMs,
        endMs: interval.startMs + stepMs,
        text: words('oneOff'),
        kind: 'one-off',
      })
  }
  return marks
}

/** The chosen columns in words. */
export function rangeText(
  body: ForecastRangeBody,
  columns: readonly ForecastColumn[],
  [from, to]: readonly [number, number],
  kind: ColumnKind,
): string {
  const first = columns[from]
  const last = columns[to]
  if (first === undefined || last === undefined) return '–'
  if (kind === 'time') {
    const clock = (ms: number) =>
      new Intl.DateTimeFormat('en-GB', { timeZone: body.zone, hour: '2-digit', minute: '2-digit' }).format(ms)
    const end = clock(last.endMs)
    return `${clock(first.startMs)}–${end === '00:00' ? '24:00' : end}`
  }
  const firstDay = body.days[first.dayIndexes[0] ?? -1]?.day ?? ''
  const lastDay = body.days[last.dayIndexes.at(-1) ?? -1]?.day ?? ''
  if (firstDay === lastDay) return formatDay(session.locale, firstDay)
  return words('fromTo', {
    from: formatDay(session.locale, firstDay),
    to: formatDay(session.locale, lastDay),
  })
}
