/** Columns of numbers in and out of the batch solvers: one value for all rows, or one a row; checked before any row is solved. */

/** A value that cannot be a quantity of a contact centre: names the field and the row. */
export class StaffingInputError extends Error {
  readonly type: 'out-of-range' | 'empty-column' | 'column-length' | 'unknown-value'
  readonly detail: string
  /** Field and row, such as /contacts/17. */
  readonly pointer: string
  constructor(type: StaffingInputError['type'], pointer: string, detail: string) {
    super(detail)
    this.name = 'StaffingInputError'
    this.type = type
    this.detail = detail
    this.pointer = pointer
  }
}

export type Quantity = number | Float64Array

/** values[row * stride] is the value of a row; stride 0 where one number serves all. */
export interface Column {
  readonly values: Float64Array
  readonly stride: 0 | 1
}

export interface ColumnBounds {
  readonly min: number
  readonly max: number
  readonly minExcluded?: boolean
}

export const COLUMN_BOUNDS = {
  contacts: { min: 0, max: 1e9 },
  seconds: { min: 0, max: 1e9 },
  secondsAboveZero: { min: 0, max: 1e9, minExcluded: true },
  ratio: { min: 0, max: 1 },
} as const satisfies Record<string, ColumnBounds>

/** Rows of a request: the length of its columns, which must agree; 1 where every quantity is a number. */
export function rowCountOf(quantities: Readonly<Record<string, Quantity>>): number {
  let rows: number | undefined
  for (const [name, quantity] of Object.entries(quantities)) {
    if (typeof quantity === 'number') continue
    if (quantity.length === 0) throw new StaffingInputError('empty-column', `/${name}`, `${name} has no rows`)
    rows ??= quantity.length
    if (quantity.length !== rows) {
      const detail = `${name} has ${quantity.length} rows, another column has ${rows}`
      throw new StaffingInputError('column-length', `/${name}`, detail)
    }
  }
  return rows ?? 1
}

export function columnOf(name: string, quantity: Quantity, bounds: ColumnBounds): Column {
  const values = typeof quantity === 'number' ? Float64Array.of(quantity) : quantity
  const { min, max } = bounds
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? Number.NaN
    // NaN fails both comparisons.
    if (value >= min && value <= max && !(bounds.minExcluded === true && value === min)) continue
    const pointer = typeof quantity === 'number' ? `/${name}` : `/${name}/${row}`
    const lower = `${bounds.minExcluded === true ? 'above' : 'at least'} ${min}`
    const detail = `${pointer.slice(1)} is ${value}; it must be ${lower} and at most ${max}`
    throw new StaffingInputError('out-of-range', pointer, detail)
  }
  return { values, stride: typeof quantity === 'number' ? 0 : 1 }
}

/** The caller's output column, or a new one. */
export function outputColumn(given: Float64Array | undefined, name: string, rows: number): Float64Array {
  if (given === undefined) return new Float64Array(rows)
  if (given.length < rows) {
    throw new StaffingInputError(
      'column-length',
      `/out/${name}`,
      `${name} has room for ${given.length} of ${rows} rows`,
    )
  }
  return given
}
