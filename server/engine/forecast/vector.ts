// Small numeric pieces of the forecasting engine: columns of numbers, order statistics, Cholesky.

import { medianSorted } from 'simple-statistics'

/** Any column of numbers that is only read. */
export type Column = Float64Array | readonly number[]

/** Reads a column where the index is known to be inside: callers loop within bounds. */
export function at(column: Column, index: number): number {
  return column[index] as number
}

/** Adds to one cell of a column. */
export function add(column: Float64Array, index: number, amount: number): void {
  column[index] = at(column, index) + amount
}

/** Sum of a part of a column; NaN cells count as nothing. */
export function sumOf(column: Column, from = 0, to = column.length): number {
  let sum = 0
  for (let i = from; i < to; i++) {
    const value = at(column, i)
    if (!Number.isNaN(value)) sum += value
  }
  return sum
}

/** Quantile of an ascending column by linear interpolation (type 7 of Hyndman and Fan); NaN when empty. */
export function quantileOfSorted(sorted: Column, ratio: number): number {
  const last = sorted.length - 1
  if (last < 0) return Number.NaN
  const position = Math.min(last, Math.max(0, ratio * last))
  const below = Math.floor(position)
  const low = at(sorted, below)
  return below === last ? low : low + (position - below) * (at(sorted, below + 1) - low)
}

/** Median of finite values; NaN when empty. */
export function medianOf(values: Column): number {
  // The typed array sorts by value at once; the library's own `median` would sort boxed numbers through a comparison.
  return values.length === 0 ? Number.NaN : medianSorted(Array.from(Float64Array.from(values).sort()))
}

/** Robust standard deviation: 1.4826 times the median absolute deviation from `centre`. */
export function madSigma(values: Column, centre: number): number {
  return 1.4826 * medianOf(Float64Array.from(values, (value) => Math.abs(value - centre)))
}

/**
 * Factor of a symmetric positive definite matrix, in place, lower triangle of the row-major `matrix`.
 * A pivot that rounding made not positive is lifted to a tiny one, so that the solve stays finite.
 */
export function choleskyInPlace(matrix: Float64Array, size: number): void {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let value = at(matrix, row * size + column)
      for (let k = 0; k < column; k++) value -= at(matrix, row * size + k) * at(matrix, column * size + k)
      if (row === column) matrix[row * size + row] = Math.sqrt(Math.max(value, 1e-12))
      else matrix[row * size + column] = value / at(matrix, column * size + column)
    }
  }
}

/** Solves L x = b in place: the forward half; of the `first` rows alone if given. */
export function forwardSolve(
  factor: Float64Array,
  size: number,
  vector: Float64Array,
  first: number = size,
): void {
  for (let row = 0; row < first; row++) {
    let value = at(vector, row)
    for (let k = 0; k < row; k++) value -= at(factor, row * size + k) * at(vector, k)
    vector[row] = value / at(factor, row * size + row)
  }
}

/** Solves L' x = b in place: the backward half; of the `first` rows alone if given. */
export function backwardSolve(
  factor: Float64Array,
  size: number,
  vector: Float64Array,
  first: number = size,
): void {
  for (let row = first - 1; row >= 0; row--) {
    let value = at(vector, row)
    for (let k = row + 1; k < first; k++) value -= at(factor, k * size + row) * at(vector, k)
    vector[row] = value / at(factor, row * size + row)
  }
}
