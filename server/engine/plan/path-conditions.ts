/** What a path does not choose anew for each caller: how busy its day is, how long contacts take in it, how many of the plan's agents are there. */
import type { DayPathsInput } from './day-paths.ts'
import { type Bits, drawTables, next, seedBits, TABLE_MASK } from './path-draws.ts'

/** Steps along the golden section: any number of first paths has its staffing factors evenly from all of them. */
const GOLDEN = (Math.sqrt(5) - 1) / 2
const WORDS = 4

/** Of paths in rows; by interval in columns. They do not know how many agents the plan has. */
export interface PathConditions {
  readonly intervals: number
  /** Contacts a second: [row × intervals + interval]. */
  readonly rates: Float64Array
  /** Agents ÷ agents of the plan, and what is added before it is cut to a whole number. */
  readonly worths: Float64Array
  readonly parts: Float64Array
  /** By row. */
  readonly ahtFactors: Float64Array
  /** Where the stream of each row's callers begins: four words a row. */
  readonly words: Int32Array
  draw(row: number, path: number): void
}

export function createConditions(input: DayPathsInput, rows: number): PathConditions {
  const { intervals, uncertainty, seed } = input
  const { normal } = drawTables()
  const count = intervals.length
  const { staffingFactors, staffingWithinCv, ahtDayCv, rateDayShare, fadeSeconds } = uncertainty
  const offset = ((seed >>> 0) % 1_000) / 1_000
  const bits: Bits = { a: 0, b: 0, c: 0, d: 0 }
  const fading = Math.sqrt(1 - rateDayShare)
  const rho = Float64Array.from(intervals, ({ seconds }) =>
    fadeSeconds > 0 ? Math.exp(-1) ** (seconds / fadeSeconds) : 0,
  )
  const fresh = rho.map((value) => Math.sqrt(1 - value * value))
  const rates = new Float64Array(rows * count)
  const worths = new Float64Array(rows * count)
  const parts = new Float64Array(rows * count)
  const ahtFactors = new Float64Array(rows)
  const words = new Int32Array(rows * WORDS)
  const gauss = () => normal[next(bits) & TABLE_MASK] ?? 0

  return {
    intervals: count,
    rates,
    worths,
    parts,
    ahtFactors,
    words,
    /** In an order that staffing does not change. */
    draw(row, path) {
      seedBits(bits, seed, path)
      const daily = Math.sqrt(rateDayShare) * gauss()
      ahtFactors[row] = Math.exp(ahtDayCv * gauss() - ahtDayCv ** 2 / 2)
      const place = (offset + (path + 0.5) * GOLDEN) % 1
      const staffing = staffingFactors[Math.floor(place * staffingFactors.length)] ?? 1
      let level = gauss()
      let stray = gauss()
      for (let i = 0; i < count; i++) {
        const interval = intervals[i]
        if (interval === undefined) break
        const { seconds, contactsMean, rateCv } = interval
        const at = row * count + i
        rates[at] =
          seconds > 0 && contactsMean > 0
            ? (contactsMean * Math.exp(rateCv * (daily + fading * level) - (rateCv * rateCv) / 2)) / seconds
            : 0
        worths[at] = staffing * Math.max(0, 1 + staffingWithinCv * stray)
        parts[at] = (next(bits) >>> 8) / 0x1000000
        level = (rho[i] ?? 0) * level + (fresh[i] ?? 0) * gauss()
        stray = (rho[i] ?? 0) * stray + (fresh[i] ?? 0) * gauss()
      }
      words[row * WORDS] = bits.a
      words[row * WORDS + 1] = bits.b
      words[row * WORDS + 2] = bits.c
      words[row * WORDS + 3] = bits.d
    },
  }
}
