/**
 * Columns of numbers as bytes: each as a distance from a base, in as few bytes as the greatest distance takes. A column of
 * equal numbers, or of one that grows by one, takes none.
 */

type Packing = 'same' | 'run' | 'u8' | 'u16' | 'u32' | 'f64'

export interface PackedColumn {
  readonly packing: Packing
  readonly base: number
}

const BYTES: Readonly<Record<Packing, number>> = { same: 0, run: 0, u8: 1, u16: 2, u32: 4, f64: 8 }

export function packNumbers(values: readonly number[]): {
  readonly column: PackedColumn
  readonly bytes: Uint8Array
} {
  const packing = packingOf(values)
  const base = packing === 'f64' ? 0 : packing === 'run' ? (values[0] ?? 0) : leastOf(values)
  return { column: { packing, base }, bytes: bytesOf(packing, base, values) }
}

function leastOf(values: readonly number[]): number {
  let least = values[0] ?? 0
  for (const value of values) if (value < least) least = value
  return least
}

function packingOf(values: readonly number[]): Packing {
  const first = values[0] ?? 0
  let least = first
  let greatest = first
  let isRun = true
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number
    if (!Number.isSafeInteger(value)) return 'f64'
    if (value !== first + at) isRun = false
    if (value < least) least = value
    else if (value > greatest) greatest = value
  }
  const range = greatest - least
  if (range === 0) return 'same'
  if (isRun) return 'run'
  if (range <= 0xff) return 'u8'
  if (range <= 0xffff) return 'u16'
  return range <= 0xffffffff ? 'u32' : 'f64'
}

function bytesOf(packing: Packing, base: number, values: readonly number[]): Uint8Array {
  if (packing === 'same' || packing === 'run') return new Uint8Array(0)
  const bytes = new Uint8Array(wholeWords(BYTES[packing] * values.length))
  const packed = viewOf(packing, bytes, 0, values.length)
  for (let at = 0; at < values.length; at += 1) packed[at] = (values[at] as number) - base
  return bytes
}

/** Every column begins where the widest numbers may. */
function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

type PackedNumbers = Uint8Array | Uint16Array | Uint32Array | Float64Array

function viewOf(packing: Packing, bytes: Uint8Array, at: number, count: number): PackedNumbers {
  const start = bytes.byteOffset + at
  if (packing === 'u8') return new Uint8Array(bytes.buffer, start, count)
  if (packing === 'u16') return new Uint16Array(bytes.buffer, start, count)
  if (packing === 'u32') return new Uint32Array(bytes.buffer, start, count)
  return new Float64Array(bytes.buffer, start, count)
}

/** Reads columns in the order in which they were written; throws where there are too few bytes. */
export class PackedReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    // Small ones share a buffer with others and may begin anywhere.
    this.#bytes = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes)
  }

  /** A copy: whoever keeps it does not keep the whole page. */
  bytes(count: number): Uint8Array {
    const start = this.#skip(count)
    return Uint8Array.prototype.slice.call(this.#bytes, start, start + count)
  }

  /** `into` has as many numbers as the column. */
  numbers<T extends Float64Array | Int32Array | Uint8Array>({ packing, base }: PackedColumn, into: T): T {
    if (packing === 'same') into.fill(base)
    else if (packing === 'run') for (let at = 0; at < into.length; at += 1) into[at] = base + at
    else {
      const start = this.#skip(wholeWords(BYTES[packing] * into.length))
      spread(viewOf(packing, this.#bytes, start, into.length), base, into)
    }
    return into
  }

  #skip(count: number): number {
    const start = this.#at
    if (!(count >= 0) || start + count > this.#bytes.length) throw new RangeError('a column ends too soon')
    this.#at = start + count
    return start
  }
}

function spread(from: PackedNumbers, base: number, into: Float64Array | Int32Array | Uint8Array): void {
  for (let at = 0; at < into.length; at += 1) into[at] = (from[at] as number) + base
}
