/**
 * Whole agents per interval with the least total whose gains add up to at least 0, and the largest sum at that total.
 *
 * A separable knapsack. With concave gains (Erlang C above the load) taking the steepest step first is exact.
 * Erlang A is S-shaped below the load, so that is only a bound here: the upper concave envelope gives a price per
 * agent and a lower bound of the total; a choice that costs more, at that price, than the gap to the best known
 * total cannot be part of a better one; a dynamic programme over the few choices that are left decides exactly.
 */

/** Gain of each choice; row i is for agentsBase + i agents. */
export interface GainTable {
  readonly agentsBase: number
  readonly gains: Float64Array
}

interface Segment {
  readonly interval: number
  readonly toRow: number
  readonly agents: number
  readonly gain: number
  readonly slope: number
}

interface Bound {
  /** Row of each interval in a choice that reaches the goal. */
  readonly rows: readonly number[]
  readonly agentsTotal: number
  /** Gain per agent at the margin of the relaxed problem. */
  readonly price: number
}

/** Sums of thousands of gains differ by this share of their size from one order of adding to another. */
const ROUNDING = 4e-15

export function cheapestAllocation(tables: readonly GainTable[], gainScale: number): number[] | null {
  const start = tables.map(() => 0)
  const bound = gainOf(tables, start) >= 0 ? { rows: start, agentsTotal: 0, price: 0 } : relaxedBound(tables)
  if (bound === null) return null
  const rows = bound.agentsTotal === 0 ? bound.rows : (exactRows(tables, bound, gainScale) ?? bound.rows)
  return rows.map((row, interval) => (tables[interval]?.agentsBase ?? 0) + row)
}

function gainOf(tables: readonly GainTable[], rows: readonly number[]): number {
  return tables.reduce((sum, { gains }, interval) => sum + (gains[rows[interval] ?? 0] ?? 0), 0)
}

/** Walks the envelopes, steepest segment first, until the goal is reached; null when it never is. */
function relaxedBound(tables: readonly GainTable[]): Bound | null {
  const segments = tables.flatMap((table, interval) => envelopeOf(table, interval))
  segments.sort((a, b) => b.slope - a.slope || a.interval - b.interval || a.toRow - b.toRow)
  const rows = tables.map(() => 0)
  let gain = gainOf(tables, rows)
  let agentsTotal = 0
  for (const segment of segments) {
    const from = rows[segment.interval] ?? 0
    rows[segment.interval] = segment.toRow
    agentsTotal += segment.agents
    gain += segment.gain
    if (gain < 0) continue
    // Within the last segment the goal may be reached earlier than at its end.
    const gains = tables[segment.interval]?.gains ?? new Float64Array(1)
    let row = from
    const needed = (gains[segment.toRow] ?? 0) - gain
    while (row < segment.toRow && (gains[row] ?? 0) < needed) row++
    rows[segment.interval] = row
    if (gainOf(tables, rows) < 0) {
      rows[segment.interval] = segment.toRow
      row = segment.toRow
    }
    return { rows, agentsTotal: agentsTotal - (segment.toRow - row), price: segment.slope }
  }
  return null
}

/** Rising segments of the upper concave envelope of one interval's gains. */
function envelopeOf({ gains }: GainTable, interval: number): Segment[] {
  const corners: number[] = []
  const slope = (a: number, b: number) => ((gains[b] ?? 0) - (gains[a] ?? 0)) / (b - a)
  for (let row = 0; row < gains.length; row++) {
    while (corners.length >= 2) {
      const last = corners[corners.length - 1] ?? 0
      const previous = corners[corners.length - 2] ?? 0
      if (slope(previous, last) > slope(last, row)) break
      corners.pop()
    }
    corners.push(row)
  }
  const segments: Segment[] = []
  for (let i = 1; i < corners.length; i++) {
    const from = corners[i - 1] ?? 0
    const toRow = corners[i] ?? 0
    if (slope(from, toRow) <= 0) break
    const gain = (gains[toRow] ?? 0) - (gains[from] ?? 0)
    segments.push({ interval, toRow, agents: toRow - from, gain, slope: slope(from, toRow) })
  }
  return segments
}

/**
 * The best choice with at most the known total; null where rounding leaves none.
 * The totals just above the lower bound come first: the fewer agents to spare, the fewer choices are left to try.
 */
function exactRows(
  tables: readonly GainTable[],
  { agentsTotal, price }: Bound,
  gainScale: number,
): number[] | null {
  const best = tables.map(({ gains }) => {
    let most = Number.NEGATIVE_INFINITY
    for (let row = 0; row < gains.length; row++) most = Math.max(most, (gains[row] ?? 0) - price * row)
    return most
  })
  const bestSum = best.reduce((sum, most) => sum + most, 0)
  const totalMin = Math.max(1, Math.ceil(-bestSum / price - 1e-9))
  for (let spare = 0; ; spare = 2 * spare + 1) {
    const total = Math.min(agentsTotal, totalMin + spare)
    const slack = bestSum + price * total + ROUNDING * gainScale
    const choices = tables.map(({ gains }, interval) => {
      const rows: number[] = []
      for (let row = 0; row < gains.length; row++) {
        if ((best[interval] ?? 0) - ((gains[row] ?? 0) - price * row) <= slack) rows.push(row)
      }
      return rows
    })
    const rows = programme(tables, choices, { best, slack, price, agentsTotal: total })
    if (rows !== null || total >= agentsTotal) return rows
  }
}

interface Pruning {
  readonly best: readonly number[]
  readonly slack: number
  readonly price: number
  readonly agentsTotal: number
}

/** Forward over the intervals: most gain for every total that can still end within the slack. */
function programme(
  tables: readonly GainTable[],
  choices: readonly (readonly number[])[],
  { best, slack, price, agentsTotal }: Pruning,
): number[] | null {
  let gainByTotal = new Map<number, number>([[0, 0]])
  const chosen: Map<number, number>[] = []
  let bestSoFar = 0
  tables.forEach(({ gains }, interval) => {
    bestSoFar += best[interval] ?? 0
    const next = new Map<number, number>()
    const choice = new Map<number, number>()
    for (const [total, gain] of gainByTotal) {
      for (const row of choices[interval] ?? []) {
        const sumTotal = total + row
        const sumGain = gain + (gains[row] ?? 0)
        if (sumTotal > agentsTotal || bestSoFar - (sumGain - price * sumTotal) > slack) continue
        if (sumGain > (next.get(sumTotal) ?? Number.NEGATIVE_INFINITY)) {
          next.set(sumTotal, sumGain)
          choice.set(sumTotal, row)
        }
      }
    }
    chosen.push(choice)
    gainByTotal = next
  })
  const reached = [...gainByTotal].filter(([, gain]) => gain >= 0).map(([total]) => total)
  if (reached.length === 0) return null
  return traceBack(chosen, Math.min(...reached))
}

function traceBack(chosen: readonly Map<number, number>[], agentsTotal: number): number[] {
  const rows: number[] = new Array(chosen.length).fill(0)
  let total = agentsTotal
  for (let interval = chosen.length - 1; interval >= 0; interval--) {
    const row = chosen[interval]?.get(total) ?? 0
    rows[interval] = row
    total -= row
  }
  return rows
}
