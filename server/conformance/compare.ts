/** Which figures of an expected report a report does not give. Only what the expected one names is compared. */

export interface Difference {
  /** `queues[orders].intervals[2018-03-05T08:30:00+01:00].answered` */
  readonly figure: string
  /** As JSON; undefined where there is nothing. */
  readonly expected: string | undefined
  readonly actual: string | undefined
}

export interface Comparison {
  readonly figures: number
  readonly differences: readonly Difference[]
}

/** By which rows of a list find each other; without one of these the order decides. */
const ROW_KEYS = ['queue', 'client', 'agent', 'start'] as const

type Row = Readonly<Record<string, unknown>>

export function compareReports(expected: unknown, actual: unknown, tolerance: number): Comparison {
  const differences: Difference[] = []
  let figures = 0
  const compare = (wanted: unknown, found: unknown, figure: string): void => {
    if (Array.isArray(wanted)) {
      compareLists(wanted, found, figure)
      return
    }
    if (isRow(wanted)) {
      for (const [name, value] of Object.entries(wanted))
        compare(value, isRow(found) ? found[name] : undefined, figure === '' ? name : `${figure}.${name}`)
      return
    }
    figures += 1
    if (!sameValue(wanted, found, tolerance))
      differences.push({ figure, expected: JSON.stringify(wanted), actual: JSON.stringify(found) })
  }
  const compareLists = (wanted: readonly unknown[], found: unknown, figure: string): void => {
    const rows: readonly unknown[] = Array.isArray(found) ? found : []
    for (const [index, row] of wanted.entries()) {
      const key = keyOf(row)
      const match = key === undefined ? rows[index] : rows.find((other) => sameKey(key, other))
      const place = `${figure}[${key === undefined ? index : key.value}]`
      if (match === undefined) {
        figures += 1
        differences.push({ figure: place, expected: 'to be there', actual: undefined })
      } else compare(key === undefined ? row : without(row, key.name), match, place)
    }
  }
  compare(expected, actual, '')
  return { figures, differences }
}

interface RowKey {
  readonly name: (typeof ROW_KEYS)[number]
  readonly value: string
}

function keyOf(row: unknown): RowKey | undefined {
  if (!isRow(row)) return undefined
  for (const name of ROW_KEYS) {
    const value = row[name]
    if (typeof value === 'string') return { name, value }
  }
  return undefined
}

/** Intervals are the same where they start at the same instant, however the offset is written. */
function sameKey({ name, value }: RowKey, other: unknown): boolean {
  const found = isRow(other) ? other[name] : undefined
  if (typeof found !== 'string') return false
  return name === 'start' ? Date.parse(found) === Date.parse(value) : found === value
}

function without(row: unknown, name: string): unknown {
  return isRow(row) ? Object.fromEntries(Object.entries(row).filter(([key]) => key !== name)) : row
}

function sameValue(wanted: unknown, found: unknown, tolerance: number): boolean {
  if (typeof wanted !== 'number' || typeof found !== 'number') return wanted === found
  return Math.abs(wanted - found) <= tolerance * Math.max(1, Math.abs(wanted))
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
