/** What a setting must look like: every kind checked field by field, with a pointer to what is wrong. Unknown fields are refused. */

import { INTERVAL_VIEWS, SERVICE_LEVEL_FORMULAS } from '../domain/service-level.ts'
import {
  FORECAST_METHODS,
  type SettingBodies,
  type SettingKind,
  SPECIAL_DAY_TREATMENTS,
} from '../domain/settings.ts'
import { isSiteDay, isZone } from '../domain/site-calendar.ts'
import { isHolidayRegion } from './holiday-region.ts'
import { SOURCE_ADAPTERS, sourceOptionProblems } from './source-options.ts'

export interface SettingProblem {
  readonly pointer: string
  readonly detail: string
}

/** What a body may refer to. */
export interface KnownIds {
  has(kind: SettingKind, id: string): boolean
}

const NAME_LENGTH_MAX = 120
const SETTING_ID_LENGTH_MAX = 200
/** A day has 1440 minutes; more pieces than this is a mistake, not opening hours. */
const PERIODS_PER_DAY_MAX = 12
/** A person has a handful of telephones; more is a list of people. */
const ALIASES_MAX = 100
const DAYS_KEPT_MAX = 36_500
const THRESHOLD_SECONDS_MAX = 3600
const OPTIONS_BYTES_MAX = 20_000
/** An event that acts longer than a year is a change of level. */
const EVENT_DAYS_MAX = 365
const IMPACT_RATIO_MAX = 100
const CONTACTS_PER_DAY_MAX = 1_000_000

type Rule = (value: unknown, known: KnownIds) => string | undefined
type Rules<K extends SettingKind> = { readonly [F in keyof SettingBodies[K]]-?: Rule }

const name: Rule = (value) =>
  typeof value === 'string' && value.trim().length > 0 && value.length <= NAME_LENGTH_MAX
    ? undefined
    : `must be text of 1 to ${NAME_LENGTH_MAX} characters`

const zone: Rule = (value) =>
  typeof value === 'string' && value !== '' && isZone(value)
    ? undefined
    : 'must be an IANA time zone such as Europe/Paris'

const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false')

function numberBetween(minimum: number, maximum: number, belowMaximum = false): Rule {
  return (value) => {
    const inside =
      typeof value === 'number' &&
      Number.isFinite(value) &&
      value >= minimum &&
      (belowMaximum ? value < maximum : value <= maximum)
    if (inside) return undefined
    return `must be a number from ${minimum} ${belowMaximum ? 'to below' : 'to'} ${maximum}`
  }
}

function wholeBetween(minimum: number, maximum: number): Rule {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum
      ? undefined
      : `must be a whole number from ${minimum} to ${maximum}`
}

function oneOf(values: readonly (string | number)[]): Rule {
  return (value) => (values.some((one) => one === value) ? undefined : `must be one of ${values.join(', ')}`)
}

function matching(pattern: RegExp, detail: string): Rule {
  return (value) => (typeof value === 'string' && pattern.test(value) ? undefined : detail)
}

function existing(kind: SettingKind): Rule {
  return (value, known) =>
    typeof value === 'string' && known.has(kind, value) ? undefined : `there is no such ${kind}`
}

function orNull(rule: Rule): Rule {
  return (value, known) => (value === null ? undefined : rule(value, known))
}

/** A field that older versions of a setting do not have. */
const OPTIONAL = new WeakSet<Rule>()
function orAbsent(rule: Rule): Rule {
  const optional: Rule = (value, known) => rule(value, known)
  OPTIONAL.add(optional)
  return optional
}

const queueIds: Rule = (value, known) => {
  if (!Array.isArray(value)) return 'must be a list of queue ids'
  const unknown = value.find((id) => typeof id !== 'string' || !known.has('queue', id))
  if (unknown !== undefined) return `there is no queue "${String(unknown)}"`
  return new Set(value).size === value.length ? undefined : 'names a queue twice'
}

const aliases: Rule = (value) => {
  if (!Array.isArray(value) || value.length > ALIASES_MAX)
    return `must be a list of ${ALIASES_MAX} ids at most`
  const bad = value.find((id) => typeof id !== 'string' || settingIdProblem(id) !== undefined)
  if (bad !== undefined) return `"${String(bad)}" cannot be an id`
  return new Set(value).size === value.length ? undefined : 'names an id twice'
}

const openingHours: Rule = (value) => {
  if (!Array.isArray(value) || value.length !== 7) return 'must be seven lists, Monday first'
  for (const [weekday, periods] of value.entries()) {
    if (!Array.isArray(periods) || periods.length > PERIODS_PER_DAY_MAX)
      return `day ${weekday}: must be a list of [from, to] minutes`
    let free = 0
    for (const period of periods) {
      if (!Array.isArray(period) || period.length !== 2) return `day ${weekday}: must be [from, to] minutes`
      const [from, to] = period
      if (!Number.isInteger(from) || !Number.isInteger(to) || from < free || to <= from || to > 1440)
        return `day ${weekday}: minutes must rise from 0 to 1440 without overlap`
      free = to
    }
  }
  return undefined
}

const options: Rule = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object'
  return JSON.stringify(value).length <= OPTIONS_BYTES_MAX ? undefined : 'is too large'
}

const url: Rule = (value) => {
  if (typeof value !== 'string' || !URL.canParse(value)) return 'must be an address'
  const { protocol, password } = new URL(value)
  if (password !== '') return 'must not hold a password'
  return ['http:', 'https:', 'ws:', 'wss:', 'tcp:', 'file:'].includes(protocol)
    ? undefined
    : 'must be an http, https, ws, wss, tcp or file address'
}

const RULES: { readonly [K in SettingKind]: Rules<K> } = {
  site: {
    name,
    zone,
    currency: matching(/^[A-Z]{3}$/, 'must be a currency of three capital letters such as EUR'),
    costPerAgentHour: numberBetween(0, 1_000_000),
    shrinkageRatio: numberBetween(0, 1, true),
    holidayRegion: (value) =>
      typeof value === 'string' && isHolidayRegion(value)
        ? undefined
        : 'must be a country such as FR, a region such as DE-BY, or empty',
    eventDaysKept: orAbsent(orNull(wholeBetween(8, DAYS_KEPT_MAX))),
    rawDaysKept: orAbsent(orNull(wholeBetween(1, DAYS_KEPT_MAX))),
    callerDaysKept: orAbsent(orNull(wholeBetween(1, DAYS_KEPT_MAX))),
    deadLetterDaysKept: orAbsent(orNull(wholeBetween(1, DAYS_KEPT_MAX))),
  },
  client: { name },
  promise: {
    clientId: existing('client'),
    queueIds,
    targetRatio: numberBetween(0.01, 1),
    answerThresholdSeconds: numberBetween(0, THRESHOLD_SECONDS_MAX),
    shortAbandonSeconds: numberBetween(0, THRESHOLD_SECONDS_MAX),
    formula: oneOf(SERVICE_LEVEL_FORMULAS),
    view: orAbsent(oneOf(INTERVAL_VIEWS)),
    effectiveFrom: (value) =>
      typeof value === 'string' && isSiteDay(value) ? undefined : 'must be a day such as 2026-03-01',
  },
  queue: {
    name,
    clientId: orNull(existing('client')),
    zone,
    intervalMinutes: oneOf([5, 15, 30, 60]),
    openingHours,
    aliases: orAbsent(aliases),
    patienceSecondsMean: numberBetween(1, 86_400),
    answerThresholdSeconds: orAbsent(orNull(numberBetween(0, THRESHOLD_SECONDS_MAX))),
    shortAbandonSeconds: orAbsent(orNull(numberBetween(0, THRESHOLD_SECONDS_MAX))),
    formula: orAbsent(orNull(oneOf(SERVICE_LEVEL_FORMULAS))),
    unconfirmed: flag,
  },
  team: { name },
  agent: {
    name,
    teamId: orNull(existing('team')),
    aliases: orAbsent(aliases),
    unconfirmed: flag,
  },
  source: {
    adapter: oneOf(SOURCE_ADAPTERS),
    url: orNull(url),
    options,
    enabled: flag,
  },
  'special-day': {
    name,
    day: (value) =>
      typeof value === 'string' && isSiteDay(value) ? undefined : 'must be a day such as 2026-12-24',
    kind: oneOf(SPECIAL_DAY_TREATMENTS),
    treatAsWeekday: orNull(wholeBetween(0, 6)),
    impactRatio: orNull(numberBetween(0, IMPACT_RATIO_MAX)),
    lagDays: wholeBetween(0, EVENT_DAYS_MAX),
    lengthDays: wholeBetween(1, EVENT_DAYS_MAX),
    queueIds,
  },
  forecast: {
    method: orNull(oneOf(FORECAST_METHODS)),
    borrowProfileFrom: orNull(existing('queue')),
    expectedContactsPerDay: orAbsent(orNull(numberBetween(1, CONTACTS_PER_DAY_MAX))),
  },
}

const NOTHING_KNOWN: KnownIds = { has: () => false }

/** What is wrong with one field of a queue, where a feed gives it. */
export function queueFieldProblem(field: keyof SettingBodies['queue'], value: unknown): string | undefined {
  return RULES.queue[field](value, NOTHING_KNOWN)
}

/** Empty = good. Pointers are relative to the body. */
export function settingProblems(
  kind: SettingKind,
  body: unknown,
  known: KnownIds,
): readonly SettingProblem[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return [{ pointer: '', detail: 'must be an object' }]
  const rules: Readonly<Record<string, Rule>> = RULES[kind]
  const fields: Readonly<Record<string, unknown>> = { ...body }
  const problems: SettingProblem[] = []
  for (const [field, rule] of Object.entries(rules)) {
    const detail = Object.hasOwn(fields, field) ? rule(fields[field], known) : missing(rule)
    if (detail !== undefined) problems.push({ pointer: `/${field}`, detail })
  }
  for (const field of Object.keys(fields))
    if (!Object.hasOwn(rules, field)) problems.push({ pointer: `/${field}`, detail: 'is not known' })
  if (kind === 'source') problems.push(...sourceOptionProblems(fields))
  return problems
}

function missing(rule: Rule): string | undefined {
  return OPTIONAL.has(rule) ? undefined : 'is missing'
}

/** Ids are part of addresses and files: no control characters, no surrounding space. */
export function settingIdProblem(id: string): string | undefined {
  if (id.length === 0 || id.length > SETTING_ID_LENGTH_MAX)
    return `must have 1 to ${SETTING_ID_LENGTH_MAX} characters`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\u0000-\u001f\u007f]/.test(id) || id.trim() !== id
    ? 'must not hold control characters or outer space'
    : undefined
}
