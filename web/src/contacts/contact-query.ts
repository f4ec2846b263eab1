/** Which contacts stand behind a figure, as part of an address: queues, a day or a span, and the outcome that was counted. Pure. */
import { isSiteDay } from '../../../server/domain/site-calendar.ts'
import type { ContactBody, ContactOutcome } from '../../../server/wire/api.ts'

export const CONTACT_OUTCOMES = [
  'answered',
  'abandoned',
  'left',
  'lost',
  'waiting',
] as const satisfies readonly ContactOutcome[]

export type ContactSpan =
  /** The day in each queue's own zone. */
  { readonly day: string } | { readonly fromMs: number; readonly toMs: number }

export interface ContactFilter {
  /** Null: all that were offered. */
  readonly outcome: ContactOutcome | null
  /** Only waits up to this; null: any. */
  readonly withinSeconds: number | null
}

export interface ContactQuery {
  readonly queueIds: readonly string[]
  readonly span: ContactSpan
  readonly filter: ContactFilter
}

export const ALL_CONTACTS: ContactFilter = { outcome: null, withinSeconds: null }

/** Three parts of an address: `sales+care`, `2026-11-24` or `MS~MS`, and `all`, `answered` or `answered~20`. */
export function writeContactQuery({
  queueIds,
  span,
  filter,
}: ContactQuery): readonly [string, string, string] {
  return [
    queueIds.map(encodeURIComponent).join('+'),
    'day' in span ? span.day : `${span.fromMs}~${span.toMs}`,
    `${filter.outcome ?? 'all'}${filter.withinSeconds === null ? '' : `~${filter.withinSeconds}`}`,
  ]
}

/** Null when the address says none. */
export function parseContactQuery(
  queues: string,
  spanText: string,
  rest: readonly string[],
): ContactQuery | null {
  const span = parseSpan(spanText)
  const filter = parseFilter(rest[0] ?? 'all')
  if (queues === '' || span === null || filter === null || rest.length > 1) return null
  try {
    return { queueIds: queues.split('+').map(decodeURIComponent), span, filter }
  } catch {
    return null
  }
}

function parseSpan(text: string): ContactSpan | null {
  if (isSiteDay(text)) return { day: text }
  const found = /^(\d{1,15})~(\d{1,15})$/.exec(text)
  return found === null ? null : { fromMs: Number(found[1]), toMs: Number(found[2]) }
}

function parseFilter(text: string): ContactFilter | null {
  const found = /^([a-z]+)(?:~(\d{1,6}(?:\.\d{1,3})?))?$/.exec(text)
  if (found === null) return null
  const outcome = CONTACT_OUTCOMES.find((name) => name === found[1]) ?? null
  if (outcome === null && found[1] !== 'all') return null
  return { outcome, withinSeconds: found[2] === undefined ? null : Number(found[2]) }
}

export function matchesFilter(contact: ContactBody, { outcome, withinSeconds }: ContactFilter): boolean {
  if (outcome !== null && contact.outcome !== outcome) return false
  return withinSeconds === null || (contact.waitSeconds !== null && contact.waitSeconds <= withinSeconds)
}

/** Path of the API for one queue of the query. */
export function contactsPath(queueId: string, span: ContactSpan): string {
  const when =
    'day' in span
      ? `date=${span.day}`
      : `from=${new Date(span.fromMs).toISOString()}&to=${new Date(span.toMs).toISOString()}`
  return `/queues/${encodeURIComponent(queueId)}/contacts?${when}`
}
