/** A day's plan as CSV: one row an interval, ratios 0…1, empty where there is no figure. */
import type { PlanDayBody } from '../wire/api.ts'

const HEAD =
  'queue,start,label,contacts_forecast,contacts_p10,contacts_p90,aht_seconds,agents_required,agents_planned'

function cell(value: string | number | null): string {
  if (value === null) return ''
  const text = String(value)
  // A leading formula sign would be run by a spreadsheet.
  const safe = typeof value === 'string' && /^[=+\-@]/.test(text) ? `'${text}` : text
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function planCsv(plan: PlanDayBody): string {
  const rows = plan.intervals.map((interval) =>
    [
      plan.queueId,
      new Date(interval.startMs).toISOString(),
      interval.label,
      interval.contactsMean,
      interval.contactsP10,
      interval.contactsP90,
      interval.ahtSeconds,
      interval.required,
      interval.agents,
    ]
      .map(cell)
      .join(','),
  )
  return `${[HEAD, ...rows].join('\n')}\n`
}
