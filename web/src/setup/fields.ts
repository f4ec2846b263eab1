/** What can be edited of each kind of setting, and how a field's text becomes its value. Ratios are typed in per cent. */
import {
  DEFAULT_INTERVAL_VIEW,
  INTERVAL_VIEWS,
  SERVICE_LEVEL_FORMULAS,
} from '../../../server/domain/service-level.ts'
import type { SettingKind } from '../../../server/domain/settings.ts'
import type { MessageKey } from '../../../server/messages/translate.ts'
import { formatSpans, parseSpans, type Spans } from './hours.ts'
import { SOURCE_ADAPTER_FORMS, SOURCE_ADAPTER_NAMES } from './source-fields.ts'

type FieldKind =
  | 'text'
  | 'zone'
  | 'number'
  | 'percent'
  | 'date'
  | 'switch'
  | 'choice'
  | 'client'
  | 'team'
  | 'queues'
  | 'hours'
  | 'lines'
  | 'json'

export interface Field {
  readonly key: string
  readonly kind: FieldKind
  readonly label: MessageKey
  readonly choices?: readonly string[]
  /** A choice in words; without one it is shown as it is. */
  readonly choiceLabel?: (choice: string) => MessageKey | undefined
  /** Empty text means null. */
  readonly nullable?: boolean
  /** Chosen numbers are numbers in the body. */
  readonly numeric?: boolean
  /** What holds where a body does not say it. */
  readonly fallback?: string
}

const name: Field = { key: 'name', kind: 'text', label: 'setup.name' }
const aliases: Field = { key: 'aliases', kind: 'lines', label: 'setup.aliases' }
const VIEW_LABELS: Readonly<Record<string, MessageKey>> = {
  arrival: 'setup.view.arrival',
  event: 'setup.view.event',
  worked: 'setup.view.worked',
}

export const FIELDS: Readonly<Record<SettingKind, readonly Field[]>> = {
  site: [
    name,
    { key: 'zone', kind: 'zone', label: 'setup.zone' },
    { key: 'currency', kind: 'text', label: 'setup.currency' },
    { key: 'costPerAgentHour', kind: 'number', label: 'setup.costPerAgentHour' },
    { key: 'shrinkageRatio', kind: 'percent', label: 'setup.shrinkageRatio' },
    { key: 'holidayRegion', kind: 'text', label: 'setup.holidayRegion' },
    { key: 'eventDaysKept', kind: 'number', label: 'setup.eventDaysKept', nullable: true },
    { key: 'rawDaysKept', kind: 'number', label: 'setup.rawDaysKept', nullable: true },
    { key: 'callerDaysKept', kind: 'number', label: 'setup.callerDaysKept', nullable: true },
    { key: 'deadLetterDaysKept', kind: 'number', label: 'setup.deadLetterDaysKept', nullable: true },
  ],
  client: [name],
  promise: [
    { key: 'clientId', kind: 'client', label: 'setup.clientId' },
    { key: 'targetRatio', kind: 'percent', label: 'setup.targetRatio' },
    { key: 'answerThresholdSeconds', kind: 'number', label: 'setup.answerThresholdSeconds' },
    { key: 'formula', kind: 'choice', label: 'setup.formula', choices: SERVICE_LEVEL_FORMULAS },
    { key: 'shortAbandonSeconds', kind: 'number', label: 'setup.shortAbandonSeconds' },
    {
      key: 'view',
      kind: 'choice',
      label: 'setup.view',
      choices: INTERVAL_VIEWS,
      choiceLabel: (view) => VIEW_LABELS[view],
      fallback: DEFAULT_INTERVAL_VIEW,
    },
    { key: 'effectiveFrom', kind: 'date', label: 'setup.effectiveFrom' },
    { key: 'queueIds', kind: 'queues', label: 'setup.queueIds' },
  ],
  queue: [
    name,
    { key: 'clientId', kind: 'client', label: 'setup.clientId', nullable: true },
    { key: 'zone', kind: 'zone', label: 'setup.zone' },
    {
      key: 'intervalMinutes',
      kind: 'choice',
      label: 'setup.intervalMinutes',
      choices: ['5', '15', '30', '60'],
      numeric: true,
    },
    { key: 'patienceSecondsMean', kind: 'number', label: 'setup.patienceSecondsMean' },
    { key: 'answerThresholdSeconds', kind: 'number', label: 'setup.ownThreshold', nullable: true },
    { key: 'shortAbandonSeconds', kind: 'number', label: 'setup.ownShortAbandon', nullable: true },
    {
      key: 'formula',
      kind: 'choice',
      label: 'setup.ownFormula',
      choices: SERVICE_LEVEL_FORMULAS,
      nullable: true,
    },
    { key: 'openingHours', kind: 'hours', label: 'setup.openingHours' },
    aliases,
    { key: 'unconfirmed', kind: 'switch', label: 'setup.unconfirmed' },
  ],
  team: [name],
  agent: [
    name,
    { key: 'teamId', kind: 'team', label: 'setup.teamId', nullable: true },
    aliases,
    { key: 'unconfirmed', kind: 'switch', label: 'setup.unconfirmed' },
  ],
  source: [
    {
      key: 'adapter',
      kind: 'choice',
      label: 'setup.adapter',
      choices: SOURCE_ADAPTER_NAMES,
      choiceLabel: (name) => SOURCE_ADAPTER_FORMS[name]?.label,
    },
    { key: 'url', kind: 'text', label: 'setup.url', nullable: true },
    { key: 'options', kind: 'json', label: 'setup.options' },
    { key: 'enabled', kind: 'switch', label: 'setup.enabled' },
  ],
  // Edited on the forecast's own page.
  'special-day': [],
  forecast: [],
}

/** What an input holds while it is edited. */
export type Draft = string | boolean | readonly string[]

export function toDraft(field: Field, value: unknown): Draft {
  switch (field.kind) {
    case 'switch':
      return value === true
    case 'queues':
      return Array.isArray(value) ? value.map(String) : []
    case 'hours':
      return Array.isArray(value)
        ? value.map((spans: Spans) => formatSpans(spans))
        : Array<string>(7).fill('')
    case 'percent':
      return typeof value === 'number' ? String(Math.round(value * 1e8) / 1e6) : ''
    case 'lines':
      return Array.isArray(value) ? value.map(String).join('\n') : ''
    case 'json':
      return JSON.stringify(value ?? {}, null, 2)
    default:
      return value === null || value === undefined ? (field.fallback ?? '') : String(value)
  }
}

export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: MessageKey }

const refuse = (error: MessageKey): Parsed => ({ ok: false, error })
const accept = (value: unknown): Parsed => ({ ok: true, value })

export function fromDraft(field: Field, draft: Draft): Parsed {
  if (typeof draft === 'boolean') return accept(draft)
  if (typeof draft !== 'string') return field.kind === 'hours' ? parseWeek(draft) : accept(draft)
  const text = draft.trim()
  if (text === '' && field.nullable) return accept(null)
  switch (field.kind) {
    case 'number':
    case 'percent': {
      const value = Number(text.replace(',', '.').replace(/[\s\u00a0\u202f]/g, ''))
      if (text === '' || !Number.isFinite(value)) return refuse('setup.errorNumber')
      // The division in decimals: 82.5 % must become 0.825 and nothing near it.
      return accept(field.kind === 'percent' ? Math.round(value * 1e8) / 1e10 : value)
    }
    case 'choice':
      return accept(field.numeric ? Number(text) : text)
    case 'client':
    case 'team':
    case 'date':
      return text === '' ? refuse('setup.errorRequired') : accept(text)
    case 'lines':
      return accept(
        text
          .split(/\r?\n/)
          .map((line) => line.trim())
          .filter((line) => line !== ''),
      )
    case 'json':
      return parseOptions(text)
    default:
      return accept(text)
  }
}

/**
 * What a save stores: what was read, with the fields that were changed. A field that the form does not show, and one that
 * nobody touched, stays as it is to the letter; absent stays absent.
 */
export function bodyToStore(
  fields: readonly Field[],
  read: object,
  drafts: Readonly<Record<string, Draft>>,
): {
  readonly body: Readonly<Record<string, unknown>>
  readonly errors: Readonly<Record<string, MessageKey>>
} {
  const values = new Map<string, unknown>(Object.entries(read))
  const errors: Record<string, MessageKey> = {}
  for (const field of fields) {
    const draft = drafts[field.key] ?? ''
    const parsed = fromDraft(field, draft)
    if (!parsed.ok) errors[field.key] = parsed.error
    else if (!sameDraft(draft, toDraft(field, values.get(field.key)))) values.set(field.key, parsed.value)
    else if (!values.has(field.key) && field.fallback === undefined && !isOptional(field))
      values.set(field.key, parsed.value)
  }
  return { body: Object.fromEntries(values), errors }
}

const isOptional = (field: Field) => field.kind === 'lines' || field.nullable === true

const sameDraft = (one: Draft, other: Draft) => JSON.stringify(one) === JSON.stringify(other)

function parseWeek(days: readonly string[]): Parsed {
  const week = days.map(parseSpans)
  return week.includes(undefined) ? refuse('setup.errorHours') : accept(week)
}

function parseOptions(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return accept(value)
  } catch {
    // Said below.
  }
  return refuse('setup.errorJson')
}

/** Where a person names a thing, the id follows the name: `Énergie du Sud` becomes `energie-du-sud`. */
export function idFromName(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
}

/** Keys whose value differs between two versions of a body. */
export function changedKeys(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
}
