/** What a path is drawn from: a stream of random words of its own, and tables of equally likely values of the laws. */

/** Coefficient of variation of one handling time around its mean, and so of what is left of one that runs. */
const HANDLING_CV = 0.8
export const RESIDUAL_RATIO = (1 + HANDLING_CV * HANDLING_CV) / 2
/** One random word serves a caller: 11 bits each for the gap before and the handling, 10 for the patience. */
export const TABLE_BITS = 11
const PATIENCE_SIZE = 1024
export const PATIENCE_MASK = PATIENCE_SIZE - 1
export const HANDLING_SHIFT = 21
const TABLE_SIZE = 1 << TABLE_BITS
export const TABLE_MASK = TABLE_SIZE - 1

export interface DrawTables {
  readonly exponential: Float64Array
  readonly patience: Float64Array
  readonly handling: Float64Array
  readonly normal: Float64Array
}
let tables: DrawTables | undefined

export function drawTables(): DrawTables {
  tables ??= makeTables()
  return tables
}

/** Equally likely values of the laws, middle of each slice, scaled to the law's own mean: a draw is one look-up. */
function makeTables(): DrawTables {
  const exponential = new Float64Array(TABLE_SIZE)
  const patience = new Float64Array(PATIENCE_SIZE)
  const handling = new Float64Array(TABLE_SIZE)
  const normal = new Float64Array(TABLE_SIZE)
  for (let k = 0; k < TABLE_SIZE; k++) exponential[k] = -Math.log(1 - (k + 0.5) / TABLE_SIZE)
  for (let k = 0; k < PATIENCE_SIZE; k++) patience[k] = -Math.log(1 - (k + 0.5) / PATIENCE_SIZE)
  let share = 0
  let filled = 0
  const step = 1 / 4096
  for (let z = -8; filled < TABLE_SIZE && z < 8; z += step) {
    share += (Math.exp(-((z + step / 2) ** 2) / 2) / Math.sqrt(2 * Math.PI)) * step
    while (filled < TABLE_SIZE && share >= (filled + 0.5) / TABLE_SIZE) normal[filled++] = z + step
  }
  const deviation = Math.sqrt(Math.log(1 + HANDLING_CV * HANDLING_CV))
  for (let k = 0; k < TABLE_SIZE; k++) handling[k] = Math.exp(deviation * (normal[k] ?? 0))
  for (const table of [exponential, patience, handling]) {
    const mean = table.reduce((sum, value) => sum + value, 0) / table.length
    for (let k = 0; k < table.length; k++) table[k] = (table[k] ?? 0) / mean
  }
  return { exponential, patience, handling, normal }
}

export interface Bits {
  a: number
  b: number
  c: number
  d: number
}

/** Every path has a stream of its own, so that a path is the same however many others there are. */
export function seedBits(bits: Bits, seed: number, path: number): void {
  let state = (seed ^ Math.imul(path + 1, 0x9e3779b1)) | 0
  const mixed = () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return word ^ (word >>> 14)
  }
  bits.a = mixed()
  bits.b = mixed()
  bits.c = mixed()
  bits.d = mixed() | 1
}

/** Blackman and Vigna's xoshiro128**. */
export function next(bits: Bits): number {
  const product = Math.imul(bits.b, 5)
  const result = Math.imul((product << 7) | (product >>> 25), 9)
  const shifted = bits.b << 9
  bits.c ^= bits.a
  bits.d ^= bits.b
  bits.b ^= bits.c
  bits.a ^= bits.d
  bits.c ^= shifted
  bits.d = (bits.d << 11) | (bits.d >>> 21)
  return result >>> 0
}
