/** The transient chain, judged by an independent ODE solver, by steady state, and by published gaps to SIPP. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type TransientInterval, transientMetrics } from '../../../../server/engine/staffing-ext/transient.ts'

interface Case {
  readonly contacts: readonly number[]
  readonly agents: readonly number[]
  readonly seconds: number
  readonly aht: number
  readonly patience?: number
}

function intervalsOf({ contacts, agents, seconds }: Case): TransientInterval[] {
  return contacts.map((count, index) => ({
    intervalSeconds: seconds,
    contacts: count,
    agents: agents[index % agents.length] ?? 0,
  }))
}

/** Runge-Kutta of order 4 on the forward equations and on the integrals: nothing shared with the engine. */
function rungeKutta(example: Case, statesMax: number, stepsPerInterval: number) {
  let p: number[] = new Array(statesMax + 1).fill(0)
  p[0] = 1
  return intervalsOf(example).map(({ intervalSeconds, contacts, agents }) => {
    const births = contacts / intervalSeconds
    const deaths = (k: number) =>
      Math.min(k, agents) / example.aht + (example.patience ? Math.max(0, k - agents) / example.patience : 0)
    const slope = (v: readonly number[]) =>
      v.map((mass, k) => {
        const out = (k < statesMax ? births : 0) + deaths(k)
        return (v[k - 1] ?? 0) * births + (v[k + 1] ?? 0) * deaths(k + 1) - mass * out
      })
    const add = (a: readonly number[], b: readonly number[], h: number) =>
      a.map((x, i) => x + h * (b[i] ?? 0))
    const figures = (v: readonly number[]) => [
      v.reduce((sum, x, k) => sum + (k >= agents ? x : 0), 0),
      v.reduce((sum, x, k) => sum + Math.max(0, k - agents) * x, 0),
      v.reduce((sum, x, k) => sum + Math.min(k, agents) * x, 0),
    ]
    const dt = intervalSeconds / stepsPerInterval
    const integrals = [0, 0, 0]
    for (let step = 0; step < stepsPerInterval; step++) {
      const k1 = slope(p)
      const k2 = slope(add(p, k1, dt / 2))
      const k3 = slope(add(p, k2, dt / 2))
      const k4 = slope(add(p, k3, dt))
      const mix = k1.map((x, i) => x + 2 * (k2[i] ?? 0) + 2 * (k3[i] ?? 0) + (k4[i] ?? 0))
      const next = add(p, mix, dt / 6)
      // Simpson with the Hermite midpoint.
      const middle = p.map((x, i) => (x + (next[i] ?? 0)) / 2)
      const endSlope = slope(next)
      const hermite = middle.map((x, i) => x + (dt / 8) * ((k1[i] ?? 0) - (endSlope[i] ?? 0)))
      const [f0, f1, f2] = [figures(p), figures(hermite), figures(next)]
      for (let j = 0; j < 3; j++) {
        integrals[j] = (integrals[j] ?? 0) + (dt / 6) * ((f0[j] ?? 0) + 4 * (f1[j] ?? 0) + (f2[j] ?? 0))
      }
      p = next
    }
    const [, queueAtEnd = 0, busyAtEnd = 0] = figures(p)
    const [allBusy = 0, queue = 0, busy = 0] = integrals.map((x) => x / intervalSeconds)
    return { allBusy, queue, busy, queueAtEnd, inSystemAtEnd: queueAtEnd + busyAtEnd }
  })
}

/** Steady state by the product form, summed until nothing is left. */
function steadyWaitProbability(erlangs: number, agents: number, patienceRatio?: number): number {
  if (patienceRatio === undefined && erlangs >= agents) return 1
  let term = 1
  let all = 0
  let waiting = 0
  for (let k = 0; k < agents + 20_000 && (k <= agents || term > 1e-18 * all); k++) {
    all += term
    if (k >= agents) waiting += term
    if (term > 1e200) {
      all /= term
      waiting /= term
      term = 1
    }
    term *=
      erlangs / (Math.min(k + 1, agents) + (patienceRatio ? Math.max(0, k + 1 - agents) / patienceRatio : 0))
  }
  return waiting / all
}

describe('transient metrics, exact chain', () => {
  const cases: [string, Case, number][] = [
    ['a peak', { contacts: [60, 100, 60], agents: [12], seconds: 1800, aht: 180 }, 110],
    [
      'agents who come and go',
      { contacts: [50, 90, 50, 30], agents: [10, 12, 9, 11], seconds: 1800, aht: 180, patience: 120 },
      70,
    ],
    [
      'nobody at work for a while',
      { contacts: [10, 20, 4, 0], agents: [3, 3, 0, 2], seconds: 900, aht: 300 },
      110,
    ],
    ['impatient callers', { contacts: [20, 40], agents: [2, 1], seconds: 300, aht: 60, patience: 2 }, 40],
  ]
  it.each(cases)('follows the forward equations: %s', (_name, example, statesMax) => {
    const truth = rungeKutta(example, statesMax, 2500)
    const { intervals, statesPerCell } = transientMetrics({
      intervals: intervalsOf(example),
      ahtSeconds: example.aht,
      patienceSecondsMean: example.patience,
    })
    expect(statesPerCell).toBe(1)
    intervals.forEach((metrics, index) => {
      const expected = truth[index]
      expect(metrics.waitProbability).toBeCloseTo(expected?.allBusy ?? Number.NaN, 9)
      expect(metrics.queueLengthMean).toBeCloseTo(expected?.queue ?? Number.NaN, 9)
      expect(metrics.busyAgentsMean).toBeCloseTo(expected?.busy ?? Number.NaN, 9)
      expect(metrics.queueAtEnd).toBeCloseTo(expected?.queueAtEnd ?? Number.NaN, 9)
      expect(metrics.inSystemAtEnd).toBeCloseTo(expected?.inSystemAtEnd ?? Number.NaN, 9)
    })
  })

  // STAFFING.md 5: the largest gap between the steady state of each interval alone and the exact chain.
  const gaps: [string, number, Case][] = [
    ['T-001', 0.106, { contacts: [60, 100, 60], agents: [12], seconds: 1800, aht: 180 }],
    ['T-003', 0.088, { contacts: [300, 420, 300], agents: [55], seconds: 1800, aht: 240, patience: 180 }],
    ['T-004', 0.341, { contacts: [10, 20, 4], agents: [3], seconds: 1800, aht: 300 }],
    ['T-005', 0.07, { contacts: [1000, 1300, 900], agents: [180], seconds: 1800, aht: 300, patience: 90 }],
    ['T-006', 0.994, { contacts: [20, 60, 20, 5], agents: [8], seconds: 300, aht: 120 }],
  ]
  it.each(gaps)('%s: the interval-by-interval steady state is off by %f', (_name, gap, example) => {
    const { intervals } = transientMetrics({
      intervals: intervalsOf(example),
      ahtSeconds: example.aht,
      patienceSecondsMean: example.patience,
    })
    const largest = intervals.map(({ waitProbability }, index) => {
      const erlangs = ((example.contacts[index] ?? 0) * example.aht) / example.seconds
      const ratio = example.patience === undefined ? undefined : example.patience / example.aht
      return Math.abs(waitProbability - steadyWaitProbability(erlangs, example.agents[0] ?? 0, ratio))
    })
    expect(Math.round(Math.max(...largest) * 1000) / 1000).toBe(gap)
  })

  it('balances: arrivals = those still in + those served + those who left', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 30 })), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.option(fc.integer({ min: 1, max: 600 }), { nil: undefined }),
        (rows, patienceSecondsMean) => {
          const intervals = rows.map(([contacts, agents]) => ({ intervalSeconds: 900, contacts, agents }))
          const answer = transientMetrics({ intervals, ahtSeconds: 150, patienceSecondsMean })
          let inSystem = 0
          answer.intervals.forEach((metrics, index) => {
            const contacts = intervals[index]?.contacts ?? 0
            const served = (metrics.busyAgentsMean * 900) / 150
            const left =
              patienceSecondsMean === undefined ? 0 : (metrics.queueLengthMean * 900) / patienceSecondsMean
            expect(metrics.inSystemAtEnd).toBeCloseTo(inSystem + contacts - served - left, 7)
            if (contacts > 0) expect(metrics.abandonRatio).toBeCloseTo(left / contacts, 9)
            else expect(metrics.abandonRatio).toBeNull()
            inSystem = metrics.inSystemAtEnd
          })
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('transient metrics, lumped chain', () => {
  it('stays within a point of the exact chain at 500 agents, through overload and a change of agents', () => {
    const intervals = intervalsOf({
      contacts: [3000, 4200, 3000],
      agents: [530, 531, 402],
      seconds: 1800,
      aht: 240,
    })
    for (const patienceSecondsMean of [undefined, 180]) {
      const input = { intervals, ahtSeconds: 240, patienceSecondsMean }
      const exact = transientMetrics({ ...input, statesPerCell: 1 })
      const lumped = transientMetrics({ ...input, statesPerCell: 5 })
      lumped.intervals.forEach((metrics, index) => {
        const truth = exact.intervals[index]
        expect(Math.abs(metrics.waitProbability - (truth?.waitProbability ?? 9))).toBeLessThan(0.01)
        expect(Math.abs(metrics.busyAgentsMean - (truth?.busyAgentsMean ?? 0))).toBeLessThan(0.5)
      })
    }
  })

  it('reaches Erlang C in the long run at 8 000 erlang', () => {
    const intervals = intervalsOf({
      contacts: [60_000, 60_000, 60_000],
      agents: [8090],
      seconds: 1800,
      aht: 240,
    })
    const { intervals: metrics, statesPerCell } = transientMetrics({
      intervals,
      ahtSeconds: 240,
      statesPerCell: 5,
    })
    expect(statesPerCell).toBe(5)
    expect(metrics[2]?.waitProbability).toBeCloseTo(steadyWaitProbability(8000, 8090), 2)
  })

  it('refuses bad input by the name of its field', () => {
    const intervals = [{ intervalSeconds: 900, contacts: 10, agents: 1.5 }]
    expect(() => transientMetrics({ intervals, ahtSeconds: 60 })).toThrow('intervals/0/agents')
    expect(() => transientMetrics({ intervals: [], ahtSeconds: 60 })).toThrow('intervals must not be empty')
  })
})
