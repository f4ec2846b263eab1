// The planner's arithmetic and editing: against published Erlang A figures, a plain sum of the chain, and the server's own planning.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ServiceLevelFormula } from '../../../server/domain/service-level.ts'
import { uncertainDayMetrics } from '../../../server/engine/staffing-ext/uncertain-day.ts'
import type { PlanDayBody, PlanInterval } from '../../../server/wire/api.ts'
import { gridSteps, linePath } from '../../../web/src/chart/scale.ts'
import { columnAgents, deskColumns, parsePasted, withColumnAgents } from '../../../web/src/desk/columns.ts'
import {
  abandonRatioOf,
  consequenceOf,
  levelOf,
  occupancyOf,
  sumConsequences,
} from '../../../web/src/desk/consequences.ts'
import { edit, redo, startHistory, undo } from '../../../web/src/desk/edit-history.ts'
import { keepChance } from '../../../web/src/desk/keep-chance.ts'
import { cheapestDay, eachInterval, sureDay } from '../../../web/src/desk/ways.ts'

const interval = (index: number, contactsMean: number, more: Partial<PlanInterval> = {}): PlanInterval => ({
  startMs: index * 1_800_000,
  label: `${String(Math.floor(index / 2)).padStart(2, '0')}:${index % 2 === 0 ? '00' : '30'}`,
  open: contactsMean > 0,
  contactsMean,
  contactsP10: contactsMean * 0.9,
  contactsP90: contactsMean * 1.1,
  ahtSeconds: 180,
  rateCv: 0.08,
  actualContacts: null,
  required: null,
  agents: null,
  ...more,
})
const day = (intervals: readonly PlanInterval[], more: Partial<PlanDayBody> = {}): PlanDayBody => ({
  queueId: 'q',
  queueName: 'Q',
  day: '2026-11-24',
  zone: 'UTC',
  intervalMinutes: 30,
  promise: { targetRatio: 0.8, answerThresholdSeconds: 20, formula: 'SL4', shortAbandonSeconds: 5 },
  patienceSecondsMean: 300,
  shrinkageRatio: 0.3,
  costPerAgentHour: 28,
  currency: 'EUR',
  forecast: {
    version: 1,
    method: 'm',
    author: 'a',
    createdAtMs: 0,
    dayMean: 0,
    dayP10: 0,
    dayP90: 0,
    historyDays: 42,
    poissonFloorWape: null,
    notes: [],
  },
  intervals,
  plan: null,
  nowMs: 0,
  ...more,
})

describe('consequences', () => {
  test('the published case: 100 calls of 180 s in 30 min, patience 300 s, 12 and 13 agents', () => {
    const one = day([interval(0, 100)])
    expect(levelOf(consequenceOf(one, 0, 12))).toBeCloseTo(0.7863, 4)
    expect(levelOf(consequenceOf(one, 0, 13))).toBeCloseTo(0.8683, 4)
    expect(abandonRatioOf(consequenceOf(one, 0, 13))).toBeCloseTo(0.025, 4)
  })

  test('occupancy equals that of the summed chain of states', () => {
    // M/M/n+M by its balance equations: p(k) from p(k-1), no special function.
    const [load, agents, patienceInServices] = [10, 12, 300 / 180]
    let p = 1
    let total = 1
    let busy = 0
    for (let k = 1; k < 400; k += 1) {
      p *= load / (Math.min(k, agents) + Math.max(0, k - agents) / patienceInServices)
      total += p
      busy += Math.min(k, agents) * p
    }
    expect(occupancyOf(consequenceOf(day([interval(0, 100)]), 0, 12))).toBeCloseTo(busy / total / agents, 9)
  })

  test('more agents never lower the level, and the day adds counts instead of averaging levels', () => {
    const two = day([interval(0, 100), interval(1, 10)])
    let before = 0
    for (let agents = 1; agents < 40; agents += 1) {
      const level = levelOf(consequenceOf(two, 0, agents)) ?? 0
      expect(level).toBeGreaterThanOrEqual(before - 1e-12)
      before = level
    }
    const [a, b] = [consequenceOf(two, 0, 12), consequenceOf(two, 1, 3)]
    expect(levelOf(sumConsequences([a, b]))).toBeCloseTo((a.met + b.met) / (a.counted + b.counted), 12)
  })

  test('nothing expected is no level, not a zero', () => {
    const empty = consequenceOf(day([interval(0, 0)]), 0, 5)
    expect([levelOf(empty), occupancyOf(empty), abandonRatioOf(empty)]).toEqual([null, null, null])
    expect(empty.agentHours).toBe(2.5)
    expect(empty.cost).toBe(70)
  })

  test('without agents everybody gives up', () => {
    const none = consequenceOf(day([interval(0, 50)]), 0, 0)
    expect(abandonRatioOf(none)).toBe(1)
    expect(levelOf(none)).toBe(0)
  })
})

test('the chance rises with every agent from never to surely, and nothing expected has none', () => {
  const body = day([60, 100, 80, 40].map((contacts, index) => interval(index, contacts)))
  const chances = [-4, -2, 0, 2, 4, 12].map((extra) =>
    keepChance(
      body,
      [9, 13, 11, 7].map((count) => count + extra),
    ),
  )
  for (const [index, chance] of chances.entries()) {
    if (index > 0) expect(chance).toBeGreaterThanOrEqual(chances[index - 1] ?? 0)
  }
  expect(chances[0]).toBeLessThan(0.02)
  expect(chances.at(-1)).toBeGreaterThan(0.98)
  expect(keepChance(day([interval(0, 0)]), [3])).toBeNull()
})

describe('ways to aim', () => {
  test('the day at least cost keeps the target with no more hours than interval by interval', () => {
    const intervals = [20, 60, 100, 120, 90, 40].map((contacts, index) => interval(index, contacts))
    const body = day(
      intervals.map((one, index) => {
        let required = 1
        while ((levelOf(consequenceOf(day(intervals), index, required)) ?? 1) < 0.8) required += 1
        return { ...one, required }
      }),
    )
    const each = eachInterval(body) ?? []
    const cheapest = cheapestDay(body) ?? []
    const total = (agents: readonly number[]) =>
      sumConsequences(agents.map((n, i) => consequenceOf(body, i, n)))
    expect(levelOf(total(cheapest))).toBeGreaterThanOrEqual(0.8)
    expect(total(cheapest).agentHours).toBeLessThanOrEqual(total(each).agentHours)
    cheapest.forEach((agents, index) => {
      expect(agents).toBeGreaterThanOrEqual(((intervals[index]?.contactsMean ?? 0) * 180) / 1800)
    })
  })

  test('without a forecast there is nothing to aim with', () => {
    const body = day([interval(0, 0)], { forecast: null })
    expect(eachInterval(body)).toBeNull()
    expect(cheapestDay(body)).toBeNull()
    expect(sureDay(body, 0.9)).toBeNull()
  })

  test('the sure day has its chance by the engine’s own integral over the day, and agents taken off lose it', () => {
    const contacts = [20, 60, 100, 120, 90, 40]
    const intervals = contacts.map((mean, index) => interval(index, mean, { rateCv: 0.1 }))
    const sure = sureDay(day(intervals), 0.9) ?? []
    const probability = (agents: readonly number[]) =>
      uncertainDayMetrics({
        model: 'erlang-a',
        contacts,
        agents,
        intervalSeconds: 1800,
        ahtSeconds: 180,
        answerThresholdSeconds: 20,
        serviceLevelRatioMin: 0.8,
        serviceLevelFormula: 'SL4',
        patienceSecondsMean: 300,
        dayCoefficientOfVariation: 0.1,
      }).meetsTargetProbability ?? 0
    // The engine's integral leaves the luck of single calls out, so it may only be surer.
    expect(probability(sure)).toBeGreaterThanOrEqual(0.89)
    expect(probability(sure.map((agents) => agents - 1))).toBeLessThan(0.9)
    expect(probability(cheapestDay(day(intervals)) ?? [])).toBeLessThan(0.89)
  })

  test('short abandons are those of the promise: with T for s, SL5 is SL1 and SL6 is SL4', () => {
    const levelBy = (formula: ServiceLevelFormula, shortAbandonSeconds: number) =>
      levelOf(
        consequenceOf(
          day([interval(0, 100)], {
            promise: { targetRatio: 0.8, answerThresholdSeconds: 20, formula, shortAbandonSeconds },
          }),
          0,
          12,
        ),
      ) ?? 0
    expect(levelBy('SL5', 20)).toBeCloseTo(levelBy('SL1', 5), 9)
    expect(levelBy('SL6', 20)).toBeCloseTo(levelBy('SL4', 5), 9)
    expect(levelBy('SL5', 2)).toBeLessThan(levelBy('SL5', 10))
  })
})

describe('columns', () => {
  const intervals = Array.from({ length: 48 }, (_, index) =>
    interval(index, index >= 16 && index < 20 ? 10 : 0),
  )
  const none = intervals.map(() => 0)

  test('hours are made of their intervals, closed ends are left out', () => {
    const columns = deskColumns(intervals, none, 30, 'hour')
    expect(columns.map(({ label }) => label)).toEqual(['8–9', '9–10'])
    expect(columns.map(({ indexes }) => indexes)).toEqual([
      [16, 17],
      [18, 19],
    ])
    expect(deskColumns(intervals, none, 30, 'interval').map(({ label }) => label)).toEqual([
      '08:00',
      '08:30',
      '09:00',
      '09:30',
    ])
    expect(
      deskColumns(
        intervals.map((one) => ({ ...one, open: false, contactsMean: 0 })),
        none,
        30,
        'hour',
      ),
    ).toEqual([])
  })

  test('a repeated hour of a day that changes clocks keeps its four half-hours apart in two columns', () => {
    const repeated = ['02:00', '02:30', '02:00', '02:30'].map((label, index) => interval(index, 5, { label }))
    const columns = deskColumns(repeated, none, 30, 'hour')
    expect(columns.map(({ indexes }) => indexes)).toEqual([
      [0, 1],
      [2, 3],
    ])
  })

  test('an hour shows a number when its intervals agree, and setting it sets all', () => {
    const [hour] = deskColumns(intervals, none, 30, 'hour')
    if (hour === undefined) throw new Error('no column')
    const set = withColumnAgents(none, hour, 12)
    expect(set[16]).toBe(12)
    expect(set[17]).toBe(12)
    expect(set[18]).toBe(0)
    expect(columnAgents(hour, set)).toBe(12)
    expect(
      columnAgents(
        hour,
        set.map((n, i) => (i === 17 ? 11 : n)),
      ),
    ).toBeNull()
  })

  test('a pasted row of whole numbers is taken, anything else refused', () => {
    expect(parsePasted('13\t22\t27\n')).toEqual([13, 22, 27])
    expect(parsePasted('1\u00a0200;7,0')).toEqual([1200, 7])
    expect([parsePasted(''), parsePasted('12\tabc'), parsePasted('-3'), parsePasted('7.5')]).toEqual(
      Array(4).fill(undefined),
    )
  })
})

describe('undo', () => {
  test('takes back step by step and forward again; a drag is one step', () => {
    let history = startHistory([1, 1])
    history = edit(history, [2, 1])
    history = edit(history, [3, 1], true)
    history = edit(history, [3, 5])
    expect(undo(history).present).toEqual([3, 1])
    expect(undo(undo(history)).present).toEqual([1, 1])
    expect(undo(undo(undo(history))).present).toEqual([1, 1])
    expect(redo(undo(history)).present).toEqual([3, 5])
    expect(redo(history)).toBe(history)
    expect(edit(history, [3, 5])).toBe(history)
  })

  test('as many undos as edits lead back to the start', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(50), { minLength: 3, maxLength: 3 }), { maxLength: 40 }),
        (edits) => {
          let history = startHistory([0, 0, 0])
          for (const next of edits) history = edit(history, next)
          for (const _ of edits) history = undo(history)
          expect(history.present).toEqual([0, 0, 0])
        },
      ),
    )
  })
})

test('an axis has few round lines that cover the highest value; a missing point breaks the line', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (highest) => {
      const steps = gridSteps(highest)
      expect(steps[0]).toBe(0)
      expect(steps.length).toBeLessThanOrEqual(5)
      expect(steps.at(-1) ?? 0).toBeGreaterThanOrEqual(highest - 1e-6)
    }),
  )
  expect(linePath([[0, 1], null, [2, 3], [4, 5]])).toBe('M0 1M2 3L4 5')
})
