/** From when to when the events of each day of receipt are: a row a day, widened by each append. */
import { type RawBuilder, sql } from 'kysely'
import { type EventEnvelope, isAgentEvent } from '../domain/event.ts'
import { numberArray, textArray } from './array-literal.ts'
import { dayName, dayNumber } from './ledger-partitions.ts'

interface DayRange {
  firstMs: number
  lastMs: number
}

/** The statements that widen them (none when no event is of a contact or an agent); nothing where `condition` is not met. */
export function dayRangesInsert(
  events: readonly EventEnvelope[],
  condition: RawBuilder<unknown>,
): readonly RawBuilder<unknown>[] {
  const ranges = rangesOf(events)
  if (ranges.size === 0) return []
  const rows = [...ranges.values()]
  return [
    sql`
    insert into ledger_day (day, first_occurred_at, last_occurred_at)
    select day, to_timestamp(first_ms / 1000), to_timestamp(last_ms / 1000)
    from unnest(${textArray([...ranges.keys()].map(dayName))}::date[],
      ${numberArray(rows.map(({ firstMs }) => firstMs))}::float8[],
      ${numberArray(rows.map(({ lastMs }) => lastMs))}::float8[]) as received (day, first_ms, last_ms)
    where ${condition}
    on conflict (day) do update set
      first_occurred_at = least(ledger_day.first_occurred_at, excluded.first_occurred_at),
      last_occurred_at = greatest(ledger_day.last_occurred_at, excluded.last_occurred_at)`,
  ]
}

function rangesOf(events: readonly EventEnvelope[]): ReadonlyMap<number, DayRange> {
  const ranges = new Map<number, DayRange>()
  for (const { type, occurredAtMs, receivedAtMs, data } of events) {
    if (data.contactId === undefined && !isAgentEvent(type)) continue
    const day = dayNumber(receivedAtMs)
    const range = ranges.get(day)
    if (range === undefined) ranges.set(day, { firstMs: occurredAtMs, lastMs: occurredAtMs })
    else if (occurredAtMs < range.firstMs) range.firstMs = occurredAtMs
    else if (occurredAtMs > range.lastMs) range.lastMs = occurredAtMs
  }
  return ranges
}
