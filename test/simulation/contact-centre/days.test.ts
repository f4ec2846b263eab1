/** Simulated days: reproducible, balanced, near what was configured, and their events say what the counters counted. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ServiceLevelCounts } from '../../../server/domain/service-level.ts'
import { serviceLevelFraction } from '../../../server/domain/service-level.ts'
import { addDays, weekdayOf } from '../../../server/domain/site-calendar.ts'
import { toEnvelope as checkEvent } from '../../../server/ingest/validate.ts'
import { DEFAULT_CENTRE_PLAN } from '../../../server/simulator/centre-plan.ts'
import { createContactCentre, type SimulatedDay } from '../../../server/simulator/contact-centre.ts'
import { toCloudEvent, toEnvelope } from '../../../server/simulator/recorder.ts'
import { SMALL_DAY, SMALL_PLAN, smallCentre, smallDay } from '../../support/simulated-day.ts'
import { recount } from './recount.ts'

const ZONE = 'Europe/Paris'
const DAY = '2026-03-17'

function fingerprint(day: SimulatedDay): string {
  return createHash('sha256').update(JSON.stringify(day)).digest('hex')
}

function thresholds(plan: typeof DEFAULT_CENTRE_PLAN, queueId: string) {
  const clientId = plan.queues.find(({ id }) => id === queueId)?.clientId
  const own = plan.promises.find(({ queueIds }) => queueIds.includes(queueId))
  const promise = own ?? plan.promises.find((other) => other.clientId === clientId)
  return {
    thresholdSeconds: promise?.answerThresholdSeconds ?? 20,
    shortAbandonSeconds: promise?.shortAbandonSeconds ?? 5,
  }
}

describe('a seed', () => {
  it('gives the same day byte for byte, whichever days came before', () => {
    const fresh = createContactCentre({ seed: 5, zone: ZONE })
    const used = createContactCentre({ seed: 5, zone: ZONE })
    used.simulateDay('2026-03-16')
    used.simulateDay('2026-03-20')
    expect(fingerprint(used.simulateDay(DAY))).toBe(fingerprint(fresh.simulateDay(DAY)))
    expect(used.settings).toEqual(fresh.settings)
  })

  it('is told apart from another by its days and its people', () => {
    const [a, b] = [1, 2].map((seed) => createContactCentre({ seed, zone: ZONE }))
    expect(a?.settings).not.toEqual(b?.settings)
    expect(a && fingerprint(a.simulateDay(DAY))).not.toBe(b && fingerprint(b.simulateDay(DAY)))
  })
})

describe('the centre', () => {
  const centre = createContactCentre({ seed: 1, zone: ZONE })
  const ofKind = (kind: string) => centre.settings.filter((setting) => setting.kind === kind)

  it('has three clients, eight queues, six teams and 120 agents of different names', () => {
    expect(['client', 'queue', 'team', 'agent'].map((kind) => ofKind(kind).length)).toEqual([3, 8, 6, 120])
    const names = ofKind('agent').map(({ body }) => ('name' in body ? body.name : ''))
    expect(new Set(names).size).toBe(120)
  })

  it('promises 80/20, 85/15, 90/10 and 75/30 by different formulas, each queue under one', () => {
    const promises = DEFAULT_CENTRE_PLAN.promises
    const texts = promises.map((promise) => `${promise.targetRatio * 100}/${promise.answerThresholdSeconds}`)
    expect(new Set(texts)).toEqual(new Set(['80/20', '85/15', '90/10', '75/30']))
    expect(new Set(promises.map(({ formula }) => formula)).size).toBe(promises.length)
    for (const queue of DEFAULT_CENTRE_PLAN.queues) {
      const own = promises.filter(
        ({ clientId, queueIds }) =>
          clientId === queue.clientId && (queueIds.length === 0 || queueIds.includes(queue.id)),
      )
      expect(own).toHaveLength(1)
    }
  })
})

describe('a day of the whole centre', () => {
  const centre = createContactCentre({ seed: 3, zone: ZONE })
  const day = centre.simulateDay(DAY)

  it('says in its events what its counters counted, to the contact', () => {
    for (const truth of day.truth) {
      const rule = { queueId: truth.queueId, ...thresholds(DEFAULT_CENTRE_PLAN, truth.queueId) }
      const counted = recount({ events: day.events, ...rule })
      expect(truth).toMatchObject(counted)
      for (const { startMs, ...interval } of truth.intervals) {
        const part = recount({ events: day.events, ...rule, fromMs: startMs, toMs: startMs + 1_800_000 })
        expect(interval).toMatchObject(part)
      }
      expect(truth.intervals.reduce((sum, { offered }) => sum + offered, 0)).toBe(truth.offered)
    }
  })

  it('balances: offered = answered + abandoned + flowed out + lost, and offered = first calls + redials + transfers', () => {
    for (const truth of day.truth) {
      expect(truth.offered).toBe(truth.answered + truth.abandoned + truth.flowedOut + truth.lost)
      expect(truth.offered).toBe(truth.firstCalls + truth.redials + truth.transfersIn)
    }
  })

  it('writes events in order of time and sequence, with ids of their own, that the door accepts', () => {
    expect(new Set(day.events.map(({ id }) => id)).size).toBe(day.events.length)
    for (const [index, event] of day.events.entries()) {
      const previous = day.events[index - 1]
      if (previous === undefined) continue
      expect(event.occurredAtMs >= previous.occurredAtMs && event.sequence > previous.sequence).toBe(true)
    }
    const receivedAtMs = (day.events.at(-1)?.occurredAtMs ?? 0) + 1
    for (const event of day.events.filter((_, index) => index % 7 === 0)) {
      expect(checkEvent(toCloudEvent(event), { receivedAtMs, nowMs: receivedAtMs })).toEqual({
        ok: true,
        envelope: toEnvelope(event, receivedAtMs),
      })
    }
  })

  it('never gives an agent two callers, nor a caller while the agent is not ready or not a member', () => {
    const doing = new Map<string, 'ready' | 'not-ready' | 'ringing' | 'talking'>()
    const member = new Set<string>()
    for (const { type, data } of day.events) {
      const agentId = data.agentId ?? ''
      if (type === 'cc.agent.queue-joined.v1') member.add(`${agentId} ${data.queueId}`)
      if (type === 'cc.agent.queue-left.v1') member.delete(`${agentId} ${data.queueId}`)
      if (type === 'cc.agent.state-changed.v1')
        doing.set(agentId, data.state === 'ready' ? 'ready' : 'not-ready')
      if (type === 'cc.contact.offered.v1') {
        expect(doing.get(agentId)).toBe('ready')
        expect(member.has(`${agentId} ${data.queueId}`)).toBe(true)
        doing.set(agentId, 'ringing')
      }
      if (type === 'cc.contact.answered.v1') {
        expect(doing.get(agentId)).toBe('ringing')
        doing.set(agentId, 'talking')
      }
      if (type === 'cc.contact.offer-ended.v1' || type === 'cc.contact.ended.v1') doing.set(agentId, 'ready')
    }
    expect(member.size).toBe(0)
  })

  it('states durations that agree with the times of its events', () => {
    const queuedAt = new Map<string, number>()
    const answeredAt = new Map<string, number>()
    for (const { type, occurredAtMs, data } of day.events) {
      const contactId = data.contactId ?? ''
      if (type === 'cc.contact.queued.v1') queuedAt.set(contactId, occurredAtMs)
      if (type === 'cc.contact.answered.v1') answeredAt.set(contactId, occurredAtMs)
      if (data.waitSeconds !== undefined)
        expect(Math.round(data.waitSeconds * 1000)).toBe(occurredAtMs - (queuedAt.get(contactId) ?? 0))
      if (type !== 'cc.contact.ended.v1') continue
      const connectedMs = ((data.talkSeconds ?? 0) + (data.holdSeconds ?? 0)) * 1000
      expect(Math.round(connectedMs)).toBe(occurredAtMs - (answeredAt.get(contactId) ?? 0))
    }
  })

  it('has every kind of happening in it', () => {
    const types = new Set(day.events.map(({ type }) => type))
    for (const type of ['transferred', 'held', 'offer-ended', 'abandoned', 'left-queue'])
      expect(types).toContain(`cc.contact.${type}.v1`)
    const reasons = new Set(day.events.map(({ data }) => data.reason))
    for (const reason of ['break', 'lunch', 'training', 'personal', 'missed-call', 'noAnswer', 'cancelled'])
      expect(reasons).toContain(reason)
    expect(day.truth.every(({ redials }) => redials > 0)).toBe(true)
  })
})

describe('many days', () => {
  const days = Array.from({ length: 40 }, (_, index) => addDays('2026-02-02', index))
  const centre = createContactCentre({ seed: 11, zone: ZONE })
  const truths = days.map((day) => ({ day, truth: centre.simulateDay(day).truth }))

  it('bring as many first calls as configured, within four standard errors', () => {
    for (const queue of DEFAULT_CENTRE_PLAN.queues) {
      let expected = 0
      let counted = 0
      let variance = 0
      for (const { day, truth } of truths) {
        const mean = queue.contactsPerDay * (queue.weekdayFactors[weekdayOf(day)] ?? 0)
        expected += mean
        counted += truth.find(({ queueId }) => queueId === queue.id)?.firstCalls ?? 0
        // Poisson noise plus day factors of 9 % and within-day factors: a tenth of the mean is an upper bound.
        variance += mean + (0.1 * mean) ** 2
      }
      expect(Math.abs(counted - expected)).toBeLessThan(4 * Math.sqrt(variance))
    }
  })

  it('vary more than a Poisson process would, as days do', () => {
    const weekdays = truths.filter(({ day }) => weekdayOf(day) < 5)
    const cards = DEFAULT_CENTRE_PLAN.queues.find(({ id }) => id === 'banque-cartes')
    const dispersion = weekdays.map(({ day, truth }) => {
      const mean = (cards?.contactsPerDay ?? 0) * (cards?.weekdayFactors[weekdayOf(day)] ?? 0)
      const count = truth.find(({ queueId }) => queueId === cards?.id)?.firstCalls ?? 0
      return (count - mean) ** 2 / mean
    })
    expect(dispersion.reduce((sum, value) => sum + value, 0) / dispersion.length).toBeGreaterThan(2)
  })

  it('keep levels where a real centre has them, with one queue that struggles in the afternoon', () => {
    const level = (queueId: string, fromHour: number, toHour: number) => {
      let [numerator, denominator] = [0, 0]
      for (const { day, truth } of truths.filter((entry) => weekdayOf(entry.day) < 5)) {
        const startMs = Date.parse(`${day}T00:00:00+01:00`)
        for (const interval of truth.find((queue) => queue.queueId === queueId)?.intervals ?? []) {
          const hour = (interval.startMs - startMs) / 3_600_000
          if (hour < fromHour || hour >= toHour) continue
          const counts: ServiceLevelCounts = { ...interval, callbacksWithinThreshold: 0 }
          const fraction = serviceLevelFraction('SL4', counts)
          numerator += fraction.numerator
          denominator += fraction.denominator
        }
      }
      return numerator / denominator
    }
    for (const { id } of DEFAULT_CENTRE_PLAN.queues) {
      expect(level(id, 0, 24)).toBeGreaterThan(0.6)
      expect(level(id, 0, 24)).toBeLessThan(0.95)
    }
    expect(level('banque-cartes', 14, 16)).toBeLessThan(level('banque-cartes', 8, 12) - 0.1)
  })
})

describe('history totals', () => {
  it('are the same days as interval totals, open intervals without calls included', () => {
    const centre = smallCentre(4)
    const totals = centre.historyTotals('2026-03-16', '2026-03-18')
    const truth = ['2026-03-16', '2026-03-17'].map((day) => centre.simulateDay(day).truth)
    for (const { id } of SMALL_PLAN.queues) {
      const rows = totals.filter(({ queueId }) => queueId === id)
      const queueTruth = truth.map((day) => day.find(({ queueId }) => queueId === id))
      const sum = (pick: (row: (typeof rows)[number]) => number) =>
        rows.reduce((all, row) => all + pick(row), 0)
      expect(sum(({ contacts }) => contacts)).toBe(
        queueTruth.reduce((all, day) => all + (day?.offered ?? 0), 0),
      )
      expect(sum(({ handled }) => handled)).toBe(
        queueTruth.reduce((all, day) => all + (day?.answered ?? 0), 0),
      )
    }
    // Orders are open 8 to 18, returns 9 to 17, on both days.
    expect(totals.length).toBeGreaterThanOrEqual(2 * (20 + 16))
  })

  it('state the handling that the events state', () => {
    const day = smallDay(4)
    const handled = day.events.reduce(
      (sum, { data: { talkSeconds = 0, holdSeconds = 0, acwSeconds = 0 } }) =>
        sum + talkSeconds + holdSeconds + acwSeconds,
      0,
    )
    const totals = smallCentre(4).historyTotals(SMALL_DAY, addDays(SMALL_DAY, 1))
    expect(totals.reduce((sum, { handleSeconds }) => sum + handleSeconds, 0)).toBeCloseTo(handled, 3)
  })
})

it('a day that changes clocks keeps its local opening hours', () => {
  const sunday = createContactCentre({ seed: 1, zone: ZONE }).simulateDay('2026-03-29')
  const firstQueued = sunday.events.find(
    ({ type, data }) => type === 'cc.contact.queued.v1' && data.queueId === 'energie-urgences',
  )
  // 8:00 in Paris is 6:00 UTC once summer time has begun that night.
  const openedMs = Date.parse('2026-03-29T06:00:00Z')
  expect(firstQueued?.occurredAtMs).toBeGreaterThanOrEqual(openedMs)
  expect(firstQueued?.occurredAtMs).toBeLessThan(openedMs + 3_600_000)
})

it('small days for tests are small and have everything that a test needs', () => {
  const day = smallDay(1)
  const offered = day.truth.reduce((sum, truth) => sum + truth.offered, 0)
  expect(offered).toBeGreaterThan(350)
  expect(offered).toBeLessThan(700)
  for (const truth of day.truth) {
    expect(truth).toMatchObject(
      recount({ events: day.events, queueId: truth.queueId, ...thresholds(SMALL_PLAN, truth.queueId) }),
    )
  }
})
