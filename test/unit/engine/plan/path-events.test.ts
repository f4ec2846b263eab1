/**
 * The paths against a plain simulation of the same draws, event by event: callers stand in a line and leave it when their
 * patience ends, agents take the first of the line when they are free. Seconds instead of ticks, sorted lists, nothing clever.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ServiceLevelFormula, serviceLevelFraction } from '../../../../server/domain/service-level.ts'
import { type DayPathsInput, drawDayPaths } from '../../../../server/engine/plan/day-paths.ts'
import { createConditions } from '../../../../server/engine/plan/path-conditions.ts'
import {
  drawTables,
  HANDLING_SHIFT,
  next,
  PATIENCE_MASK,
  RESIDUAL_RATIO,
  seedBits,
  TABLE_BITS,
  TABLE_MASK,
} from '../../../../server/engine/plan/path-draws.ts'

interface Caller {
  readonly interval: number
  readonly arrivesAt: number
  readonly waitedBefore: number
  readonly patience: number
  readonly handling: number
}

const PATHS = 8
const INTERVALS = 10

function callersOf(input: DayPathsInput, path: number) {
  const { exponential, patience, handling } = drawTables()
  const conditions = createConditions(input, 1)
  conditions.draw(0, path)
  const [a = 0, b = 0, c = 0, d = 0] = conditions.words
  const bits = { a, b, c, d }
  const callers: Caller[] = []
  let startsAt = 0
  input.intervals.forEach(({ seconds, ahtSeconds }, interval) => {
    const add = (word: number, arrivesAt: number, waitedBefore: number) =>
      callers.push({
        interval,
        arrivesAt,
        waitedBefore,
        patience: (patience[(word >>> TABLE_BITS) & PATIENCE_MASK] ?? 0) * input.patienceSecondsMean,
        handling: (handling[word >>> HANDLING_SHIFT] ?? 0) * ahtSeconds * (conditions.ahtFactors[0] ?? 1),
      })
    if (interval === 0) for (const waited of input.waitingSeconds) add(next(bits), 0, waited)
    const rate = conditions.rates[interval] ?? 0
    for (let at = startsAt; ; ) {
      const word = next(bits)
      at += (exponential[word & TABLE_MASK] ?? 0) / rate
      if (!(at < startsAt + seconds)) break
      add(word, at, 0)
    }
    startsAt += seconds
  })
  return { callers, conditions }
}

/** The agents' number stays: who waits over the end of an interval then meets the agents that she expected. */
function playedByEvents(input: DayPathsInput, path: number) {
  const { callers, conditions } = callersOf(input, path)
  const { agents = 0, ahtSeconds = 0 } = input.intervals[0] ?? {}
  const heads = Math.floor(agents * (conditions.worths[0] ?? 0) + (conditions.parts[0] ?? 0))
  const residual = { a: 0, b: 0, c: 0, d: 0 }
  seedBits(residual, ~input.seed, path)
  const { exponential } = drawTables()
  /** When each agent ends a contact: only of those at work. */
  let busyUntil: number[] = []
  for (let k = 0; k < Math.min(heads, input.busyAgents); k++)
    busyUntil.push(
      (exponential[next(residual) & TABLE_MASK] ?? 0) *
        ahtSeconds *
        (conditions.ahtFactors[0] ?? 1) *
        RESIDUAL_RATIO,
    )
  let line: Caller[] = []
  const counts = { met: 0, counted: 0 }
  const { answerThresholdSeconds, shortAbandonSeconds, formula } = input.promise
  const settle = (caller: Caller, answeredAt: number | undefined) => {
    const waited =
      caller.waitedBefore + (answeredAt === undefined ? caller.patience : answeredAt - caller.arrivesAt)
    const answered = answeredAt === undefined ? 0 : 1
    const within = waited <= answerThresholdSeconds ? 1 : 0
    const { numerator, denominator } = serviceLevelFraction(formula, {
      answered,
      answeredWithinThreshold: answered * within,
      abandoned: 1 - answered,
      abandonedWithinThreshold: (1 - answered) * within,
      shortAbandons: (1 - answered) * (waited <= shortAbandonSeconds ? 1 : 0),
      flowedOut: 0,
      callbacksWithinThreshold: 0,
    })
    counts.met += numerator
    counts.counted += denominator
  }
  let coming = 0
  for (;;) {
    const arrival = callers[coming]?.arrivesAt ?? Number.POSITIVE_INFINITY
    const end = busyUntil.length > 0 ? Math.min(...busyUntil) : Number.POSITIVE_INFINITY
    const loss = line.reduce(
      (least, { arrivesAt, patience }) => Math.min(least, arrivesAt + patience),
      Number.POSITIVE_INFINITY,
    )
    const now = Math.min(arrival, end, loss)
    if (now === Number.POSITIVE_INFINITY) break
    if (end === now) busyUntil.splice(busyUntil.indexOf(end), 1)
    else if (arrival === now) line.push(...callers.slice(coming, ++coming))
    else {
      const gone = line.find(({ arrivesAt, patience }) => arrivesAt + patience === now)
      if (gone !== undefined) settle(gone, undefined)
      line = line.filter((caller) => caller !== gone)
    }
    while (line.length > 0 && busyUntil.length < heads) {
      const [first] = line.splice(0, 1)
      if (first === undefined) break
      settle(first, now)
      busyUntil = [...busyUntil, now + first.handling]
    }
  }
  return counts
}

describe('paths of the rest of a day, event by event', () => {
  it('end as a line of callers before agents ends them', () => {
    let callers = 0
    let difference = 0
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 90 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: INTERVALS, maxLength: INTERVALS }),
        fc.integer({ min: 20, max: 900 }),
        fc.constantFrom<ServiceLevelFormula>('SL1', 'SL2', 'SL3', 'SL4', 'SL5', 'SL6'),
        fc.integer({ min: 0, max: 60 }),
        fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 8 }),
        fc.integer(),
        (agents, contacts, patienceSecondsMean, formula, busyAgents, waiting, seed) => {
          const input: DayPathsInput = {
            intervals: contacts.map((contactsMean) => ({
              seconds: 1_800,
              contactsMean: contactsMean * (1 + agents / 4),
              rateCv: 0.15,
              ahtSeconds: 420,
              agents,
            })),
            promise: { targetRatio: 0.8, answerThresholdSeconds: 20, shortAbandonSeconds: 5, formula },
            patienceSecondsMean,
            uncertainty: {
              rateDayShare: 0.5,
              fadeSeconds: 7_200,
              ahtDayCv: 0.03,
              staffingFactors: Float64Array.of(1),
              staffingWithinCv: 0,
            },
            waitingSeconds: [...waiting].sort((a, b) => b - a),
            busyAgents,
            paths: PATHS,
            seed,
          }
          const { met, counted } = drawDayPaths(input)
          for (let path = 0; path < PATHS; path++) {
            const expected = playedByEvents(input, path)
            callers += expected.counted
            difference += Math.abs((met[path * (INTERVALS + 1)] ?? 0) - expected.met)
            difference += Math.abs((counted[path * (INTERVALS + 1)] ?? 0) - expected.counted)
          }
        },
      ),
      { numRuns: 30, seed: 7 },
    )
    expect(callers).toBeGreaterThan(50_000)
    // Ticks of some 30 millionths of a second: a caller in a hundred thousand may fall on the other side of a threshold.
    expect(difference).toBeLessThan(callers / 20_000)
  })
})
