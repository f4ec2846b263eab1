/** Which contacts stand behind a figure, as part of an address: queues, a day or a span, and what was counted. Pure. */
import { SERVICE_LEVEL_FORMULAS, type ServiceLevelFormula } from '../../../server/domain/service-level.ts'
import { isSiteDay } from '../../../server/domain/site-calendar.ts'
import type { ContactBody, ContactOutcome } from '../../../server/wire/api.ts'

export const CONTACT_OUTCOMES = [
  'answered',
  'abandoned',
  'left',
  'lost',
  'waiting',
] as const satisfies readonly ContactOutcome[]

export type ContactSpan = (
  | /** The day in each queue's own zone. */ { readonly day: string }
  | { readonly fromMs: number; readonly toMs: number }
) & {
  /** A contact counts when its service level was decided, not when it arrived. */
  readonly byEvent?: true
}

/** What a formula counts as missed: in its denominator and not in its numerator. */
export interface MissedBy {
  readonly formula: ServiceLevelFormula
  readonly answerThresholdSeconds: number
  readonly shortAbandonSeconds: number
}

export interface ContactFilter {
  /** Null: all that were offered. */
  readonly outcome: ContactOutcome | null
  /** Only waits up to this; null: any. */
  readonly withinSeconds: number | null
  /** Only waits longer than this, also such as still last; null: any. */
  readonly pastSeconds: number | null
  readonly missedBy: MissedBy | null
  /** Only contacts that this agent answered, or took part in; null: anybody's. */
  readonly agentId: string | null
  /** Only contacts that left the queue for this reason; null: any. */
  readonly leftReason: string | null
}

export interface ContactQuery {
  readonly queueIds: readonly string[]
  readonly span: ContactSpan
  readonly filter: ContactFilter
}

export const ALL_CONTACTS: ContactFilter = {
  outcome: null,
  withinSeconds: null,
  pastSeconds: null,
  missedBy: null,
  agentId: null,
  leftReason: null,
}

/**
 * Three parts of an address: `sales+care`; `2026-11-24` or `MS~MS`, with `~event` behind it; and `all`, `answered`,
 * `answered~20` (within), with `past=20`, `missed=SL4~20~5`, `agent=ID` and `reason=ID` behind it, each after a semicolon.
 */
export function writeContactQuery({
  queueIds,
  span,
  filter,
}: ContactQuery): readonly [string, string, string] {
  const when = 'day' in span ? span.day : `${span.fromMs}~${span.toMs}`
  return [
    queueIds.map(encodeURIComponent).join('+'),
    span.byEvent ? `${when}~event` : when,
    writeFilter(filter),
  ]
}

function writeFilter({
  outcome,
  withinSeconds,
  pastSeconds,
  missedBy,
  agentId,
  leftReason,
}: ContactFilter): string {
  const parts = [`${outcome ?? 'all'}${withinSeconds === null ? '' : `~${withinSeconds}`}`]
  if (pastSeconds !== null) parts.push(`past=${pastSeconds}`)
  if (missedBy !== null)
    parts.push(
      `missed=${missedBy.formula}~${missedBy.answerThresholdSeconds}~${missedBy.shortAbandonSeconds}`,
    )
  if (agentId !== null) parts.push(`agent=${encodeURIComponent(agentId)}`)
  if (leftReason !== null) parts.push(`reason=${encodeURIComponent(leftReason)}`)
  return parts.join(';')
}

/** Null when the address says none. */
export function parseContactQuery(
  queues: string,
  spanText: string,
  rest: readonly string[],
): ContactQuery | null {
  try {
    const span = parseSpan(spanText)
    const filter = parseFilter(rest[0] ?? 'all')
    if (queues === '' || span === null || filter === null || rest.length > 1) return null
    return { queueIds: queues.split('+').map(decodeURIComponent), span, filter }
  } catch {
    return null
  }
}

function parseSpan(text: string): ContactSpan | null {
  const when = text.replace(/~event$/, '')
  const view = when === text ? {} : ({ byEvent: true } as const)
  if (isSiteDay(when)) return { day: when, ...view }
  const found = /^(\d{1,15})~(\d{1,15})$/.exec(when)
  return found === null ? null : { fromMs: Number(found[1]), toMs: Number(found[2]), ...view }
}

const SECONDS = /^\d{1,6}(?:\.\d{1,3})?$/

function parseFilter(text: string): ContactFilter | null {
  const [first = '', ...rest] = text.split(';')
  const [name = '', within, ...more] = first.split('~')
  const outcome = CONTACT_OUTCOMES.find((one) => one === name) ?? null
  if ((outcome === null && name !== 'all') || more.length > 0) return null
  if (within !== undefined && !SECONDS.test(within)) return null
  let filter: ContactFilter = {
    ...ALL_CONTACTS,
    outcome,
    withinSeconds: within === undefined ? null : Number(within),
  }
  for (const part of rest) {
    const more = parsePart(part)
    if (more === null) return null
    filter = { ...filter, ...more }
  }
  return filter
}

function parsePart(part: string): Partial<ContactFilter> | null {
  const at = part.indexOf('=')
  const value = part.slice(at + 1)
  if (value === '') return null
  switch (part.slice(0, Math.max(0, at))) {
    case 'past':
      return SECONDS.test(value) ? { pastSeconds: Number(value) } : null
    case 'missed':
      return parseMissed(value)
    case 'agent':
      return { agentId: decodeURIComponent(value) }
    case 'reason':
      return { leftReason: decodeURIComponent(value) }
    default:
      return null
  }
}

function parseMissed(text: string): Partial<ContactFilter> | null {
  const [name, threshold = '', short = '', ...more] = text.split('~')
  const formula = SERVICE_LEVEL_FORMULAS.find((one) => one === name)
  if (formula === undefined || more.length > 0 || !SECONDS.test(threshold) || !SECONDS.test(short))
    return null
  return {
    missedBy: {
      formula,
      answerThresholdSeconds: Number(threshold),
      shortAbandonSeconds: Number(short),
    },
  }
}

/** `nowMs`: how long somebody who still waits has waited. */
export function matchesFilter(contact: ContactBody, filter: ContactFilter, nowMs: number): boolean {
  const { outcome, withinSeconds, pastSeconds, missedBy, agentId, leftReason } = filter
  if (outcome !== null && contact.outcome !== outcome) return false
  if (withinSeconds !== null && !waitedWithin(contact, withinSeconds)) return false
  if (pastSeconds !== null && waitSoFar(contact, nowMs) <= pastSeconds) return false
  if (missedBy !== null && !isMissed(contact, missedBy)) return false
  if (agentId !== null && !contact.agents.includes(agentId)) return false
  return leftReason === null || contact.leftReason === leftReason
}

function waitedWithin({ waitSeconds }: ContactBody, seconds: number): boolean {
  return waitSeconds !== null && waitSeconds <= seconds
}

/** What nobody knows is no long wait. */
function waitSoFar({ waitSeconds, outcome, arrivedAtMs }: ContactBody, nowMs: number): number {
  return waitSeconds ?? (outcome === 'waiting' ? (nowMs - arrivedAtMs) / 1000 : 0)
}

/** The eight formulas of the domain, contact by contact. */
function isMissed(
  contact: ContactBody,
  { formula, answerThresholdSeconds, shortAbandonSeconds }: MissedBy,
): boolean {
  const isLate = !waitedWithin(contact, answerThresholdSeconds)
  switch (contact.outcome) {
    case 'answered':
      return isLate
    case 'abandoned':
      if (formula === 'SL1' || formula === 'SL4' || formula === 'SL8') return isLate
      if (formula === 'SL5' || formula === 'SL6') return !waitedWithin(contact, shortAbandonSeconds)
      return formula === 'SL3' || formula === 'SL7'
    case 'left':
      return formula === 'SL7' || (formula === 'SL8' && (contact.leftReason !== 'callback' || isLate))
    default:
      return false
  }
}

/** What follows `?` for one span: `date=…` or `from=…&to=…`. */
export function spanParameters(span: ContactSpan): string {
  return 'day' in span
    ? `date=${span.day}`
    : `from=${new Date(span.fromMs).toISOString()}&to=${new Date(span.toMs).toISOString()}`
}

/** Path of the API for one queue of the query. */
export function contactsPath(queueId: string, span: ContactSpan): string {
  const view = span.byEvent ? '&view=event' : ''
  return `/queues/${encodeURIComponent(queueId)}/contacts?${spanParameters(span)}${view}`
}
