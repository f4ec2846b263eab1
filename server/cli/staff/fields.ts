/** Reads the fields of one staffing request: each either a checked value or an error that names it. */

export interface RequestError {
  readonly type: string
  readonly detail: string
  /** JSON Pointer into the request. */
  readonly pointer: string
}

/** Ends the reading of one request; caught where the answer is written. */
export class RequestRefused extends Error {
  readonly error: RequestError
  constructor(type: string, pointer: string, detail: string) {
    super(detail)
    this.name = 'RequestRefused'
    this.error = { type, detail, pointer }
  }
}

/** Above these a number is a mistake of units, not a contact centre. */
const CONTACTS_MAX = 1e9
const ERLANGS_MAX = 1e8
const AGENTS_MAX = 1e8
const SECONDS_MAX = 1e9

export interface Bounds {
  readonly min: number
  readonly max: number
  readonly whole?: boolean
  readonly minExcluded?: boolean
  readonly maxExcluded?: boolean
}

export const BOUNDS = {
  contacts: { min: 0, max: CONTACTS_MAX },
  erlangs: { min: 0, max: ERLANGS_MAX },
  agents: { min: 0, max: AGENTS_MAX, whole: true },
  secondsAboveZero: { min: 0, max: SECONDS_MAX, minExcluded: true },
  seconds: { min: 0, max: SECONDS_MAX },
  ratio: { min: 0, max: 1 },
  ratioBelowOne: { min: 0, max: 1, maxExcluded: true },
} as const satisfies Record<string, Bounds>

export type RequestFields = Readonly<Record<string, unknown>>

export function checkNumber(value: unknown, pointer: string, bounds: Bounds): number {
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new RequestRefused('not-a-number', pointer, `${pointer.slice(1)} must be a number`)
  }
  const low = bounds.minExcluded === true ? value <= bounds.min : value < bounds.min
  const high = bounds.maxExcluded === true ? value >= bounds.max : value > bounds.max
  if (low || high || !Number.isFinite(value)) {
    const lower = `${bounds.minExcluded === true ? 'above' : 'at least'} ${bounds.min}`
    const upper = `${bounds.maxExcluded === true ? 'below' : 'at most'} ${bounds.max}`
    throw new RequestRefused('out-of-range', pointer, `${pointer.slice(1)} must be ${lower} and ${upper}`)
  }
  if (bounds.whole === true && !Number.isInteger(value)) {
    throw new RequestRefused('not-whole', pointer, `${pointer.slice(1)} must be a whole number`)
  }
  return value
}

export function optionalNumber(fields: RequestFields, name: string, bounds: Bounds): number | undefined {
  const value = fields[name]
  return value === undefined || value === null ? undefined : checkNumber(value, `/${name}`, bounds)
}

export function requiredNumber(fields: RequestFields, name: string, bounds: Bounds): number {
  const value = optionalNumber(fields, name, bounds)
  if (value === undefined) throw missing(name)
  return value
}

export function missing(name: string): RequestRefused {
  return new RequestRefused('missing-field', `/${name}`, `${name} is needed here`)
}

export function optionalList(
  fields: RequestFields,
  name: string,
  bounds: Bounds,
): readonly number[] | undefined {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw new RequestRefused('not-a-list', `/${name}`, `${name} must be a list`)
  if (value.length === 0) throw new RequestRefused('empty-list', `/${name}`, `${name} must not be empty`)
  return value.map((item: unknown, index) => checkNumber(item, `/${name}/${index}`, bounds))
}

export function oneOf<Choice extends string>(
  fields: RequestFields,
  name: string,
  choices: readonly Choice[],
  fallback?: Choice,
): Choice {
  const value = fields[name]
  if ((value === undefined || value === null) && fallback !== undefined) return fallback
  if (value === undefined || value === null) throw missing(name)
  const found = choices.find((choice) => choice === value)
  if (found === undefined) {
    throw new RequestRefused('unknown-value', `/${name}`, `${name} must be one of ${choices.join(', ')}`)
  }
  return found
}
