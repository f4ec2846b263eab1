/** Checks of what a caller hands in: a typed error names the field, and no wrong number is ever returned. */
import { StaffingInputError } from '../staffing/columns.ts'

/** Above this a count of contacts or agents is a mistake of units, not a contact centre. */
const QUANTITY_MAX = 1e9

export function refuse(
  field: string,
  detail: string,
  type: StaffingInputError['type'] = 'out-of-range',
): never {
  throw new StaffingInputError(type, `/${field}`, `${field} ${detail}`)
}

export function checkPositive(field: string, value: number): void {
  if (typeof value !== 'number' || !(value > 0) || value > QUANTITY_MAX) {
    refuse(field, `must be above 0 and at most ${QUANTITY_MAX}`)
  }
}

export function checkNotNegative(field: string, value: number): void {
  if (typeof value !== 'number' || !(value >= 0) || value > QUANTITY_MAX) {
    refuse(field, `must be between 0 and ${QUANTITY_MAX}`)
  }
}

export function checkWhole(field: string, value: number): void {
  checkNotNegative(field, value)
  if (!Number.isInteger(value)) refuse(field, 'must be a whole number')
}

export function checkRatio(field: string, value: number): void {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) refuse(field, 'must be between 0 and 1')
}

export function checkNotEmpty(field: string, list: ArrayLike<unknown>): void {
  if (list.length === 0) refuse(field, 'must not be empty', 'empty-column')
}

export function checkSameLength(field: string, list: ArrayLike<unknown>, length: number): void {
  if (list.length !== length) {
    refuse(field, `must have ${length} entries, one per interval`, 'column-length')
  }
}
