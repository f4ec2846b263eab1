/**
 * A day of a thousand agents: the report equals the simulator's own counts to the contact, and at twenty instants the live
 * figures equal a recount of the ledger by the plain pass below, which shares nothing with the fold.
 */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { DEFAULT_SITE, type SettingBodies, type SettingKind } from '../../../server/domain/settings.ts'
import { dayBounds } from '../../../server/domain/site-calendar.ts'
import { type CentrePlan, DEFAULT_CENTRE_PLAN } from '../../../server/simulator/centre-plan.ts'
import { createContactCentre } from '../../../server/simulator/contact-centre.ts'
import { toEnvelope } from '../../../server/simulator/recorder.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { createSettingsView } from '../../../server/state/settings-view.ts'
import { SMALL_ZONE } from '../../support/simulated-day.ts'
import { seeded, shuffled } from '../../unit/state/support.ts'

const DAY = '2026-03-17'
const INSTANTS = 20
const SCALE = 14

/** The demo's centre, fourteen times as large. */
const LARGE_PLAN: CentrePlan = {
  ...DEFAULT_CENTRE_PLAN,
  queues: DEFAULT_CENTRE_PLAN.queues.map((queue) => ({
    ...queue,
    contactsPerDay: queue.contactsPerDay * SCALE,
  })),
  teams: DEFAULT_CENTRE_PLAN.teams.map((team) => ({
    ...team,
    members: team.members * SCALE,
    skills: team.skills.map((skill) => ({
      ...skill,
      fromMember: skill.fromMember * SCALE,
      toMember: skill.toMember * SCALE,
    })),
  })),
}

const centre = createContactCentre({ seed: 11, zone: SMALL_ZONE, plan: LARGE_PLAN })
const simulated = centre.simulateDay(DAY)
const bodiesOf = <K extends SettingKind>(kind: K): ReadonlyMap<string, SettingBodies[K]> =>
  new Map(
    centre.settings
      .filter((setting) => setting.kind === kind)
      .map(({ id, body }) => [id, body as SettingBodies[K]]),
  )
const settings = createSettingsView({
  site: [...bodiesOf('site').values()][0] ?? DEFAULT_SITE,
  queues: bodiesOf('queue'),
  clients: bodiesOf('client'),
  agents: bodiesOf('agent'),
  promises: [...bodiesOf('promise').values()],
})
const ledger = simulated.events.map(
  (event, index): LedgerEvent => ({ ...toEnvelope(event, event.occurredAtMs), ingestSeq: index + 1 }),
)

interface Plain {
  offered: number
  answered: number
  abandoned: number
  left: number
  within: number
  halfHour: number
  halfHourWithin: number
  waiting: number
  longestSinceMs: number | null
}

/** One pass over what has happened so far: who entered, and what became of them. */
function recount(
  events: readonly LedgerEvent[],
  nowMs: number,
): { queues: Map<string, Plain>; talking: Set<string> } {
  const queues = new Map<string, Plain>()
  const plain = (queueId: string): Plain => {
    const known = queues.get(queueId)
    if (known !== undefined) return known
    const fresh = {
      offered: 0,
      answered: 0,
      abandoned: 0,
      left: 0,
      within: 0,
      halfHour: 0,
      halfHourWithin: 0,
    }
    const row = { ...fresh, waiting: 0, longestSinceMs: null }
    queues.set(queueId, row)
    return row
  }
  const enteredMs = new Map<string, number>()
  const talking = new Map<string, string>()
  for (const { type, occurredAtMs, data } of events) {
    const { contactId, queueId, agentId } = data
    const stay = `${contactId} ${queueId}`
    if (type === 'cc.contact.queued.v1') enteredMs.set(stay, occurredAtMs)
    if (type === 'cc.contact.answered.v1' && agentId !== undefined) talking.set(agentId, contactId ?? '')
    if ((type === 'cc.contact.ended.v1' || type === 'cc.contact.transferred.v1') && agentId !== undefined)
      talking.delete(agentId)
    if (queueId === undefined || contactId === undefined) continue
    const row = plain(queueId)
    const since = enteredMs.get(stay) ?? Number.NaN
    const recent = since > nowMs - 30 * 60_000 && since <= nowMs
    if (type === 'cc.contact.queued.v1') {
      row.offered += 1
      if (recent) row.halfHour += 1
    } else if (type === 'cc.contact.answered.v1' && !Number.isNaN(since)) {
      row.answered += 1
      const threshold = settings.promiseFor(queueId, DAY)?.answerThresholdSeconds ?? 20
      if (occurredAtMs - since <= threshold * 1000) {
        row.within += 1
        if (recent) row.halfHourWithin += 1
      }
      enteredMs.delete(stay)
    } else if (type === 'cc.contact.abandoned.v1') {
      row.abandoned += 1
      enteredMs.delete(stay)
    } else if (type === 'cc.contact.left-queue.v1') {
      row.left += 1
      enteredMs.delete(stay)
    }
  }
  for (const [stay, since] of enteredMs) {
    const row = plain(stay.slice(stay.indexOf(' ') + 1))
    row.waiting += 1
    if (row.longestSinceMs === null || since < row.longestSinceMs) row.longestSinceMs = since
  }
  return { queues, talking: new Set(talking.keys()) }
}

describe('a day of a thousand agents', () => {
  it('has a thousand agents', () => {
    const seen = new Set(ledger.flatMap(({ data }) => (data.agentId === undefined ? [] : [data.agentId])))
    expect(seen.size).toBeGreaterThanOrEqual(1000)
  })

  it('equals the simulator to the contact, and a recount at twenty instants', () => {
    const random = seeded(20)
    const { startMs, endMs } = dayBounds(SMALL_ZONE, DAY)
    // From the morning to the evening: at night there is nothing to tell apart.
    const instants = Array.from({ length: INSTANTS }, () =>
      Math.round(startMs + (0.3 + random() * 0.55) * (endMs - startMs)),
    ).sort((a, b) => a - b)
    const state = new LiveState(settings)
    let applied = 0
    let busiest = 0
    for (const nowMs of instants) {
      const upTo = ledger.findIndex((event) => event.occurredAtMs > nowMs)
      const known = ledger.slice(0, upTo)
      // What arrived since the last look, in any order.
      state.applyAll(shuffled(known.slice(applied), random))
      applied = upTo
      const { queues, talking } = recount(known, nowMs)
      for (const [queueId, want] of queues) {
        const now = state.queueNow(queueId, nowMs)
        const today = state.dayTotals(queueId, DAY)
        const sliding = state.slidingTotals(queueId, nowMs)
        expect({
          queueId,
          offered: today.offered,
          answered: today.answered,
          abandoned: today.abandoned,
          left: today.flowedOut,
          within: today.answeredWithinThreshold,
          halfHour: sliding.offered,
          halfHourWithin: sliding.answeredWithinThreshold,
          waiting: now.waiting,
          longestSinceMs: now.longestWaitingSinceMs,
        }).toEqual({ queueId, ...want })
      }
      const onContact = state.agentsNow(nowMs).filter((agent) => agent.state === 'on-contact')
      expect(new Set(onContact.map(({ agentId }) => agentId))).toEqual(talking)
      expect(state.siteAgents(nowMs).onContact).toBe(talking.size)
      busiest = Math.max(busiest, talking.size)
    }
    expect(busiest).toBeGreaterThan(400)
    state.applyAll(shuffled(ledger.slice(applied), random))
    const report = state.dayReport(DAY)
    for (const { queueId, intervals, firstCalls, redials, transfersIn, ...counts } of simulated.truth) {
      const queue = report.queues.find((line) => line.queue === queueId)
      expect(queue).toMatchObject({ ...counts, waiting: 0 })
      expect(counts.offered).toBe(firstCalls + redials + transfersIn)
      const reported = queue?.intervals.filter(({ offered }) => offered > 0) ?? []
      expect(reported.map(({ start }) => Date.parse(start))).toEqual(intervals.map((one) => one.startMs))
      for (const [index, { startMs: _, handled, handleSeconds, ...interval }] of intervals.entries()) {
        expect(reported[index]).toMatchObject({ ...interval, handled })
        if (handled > 0) expect(reported[index]?.ahtSeconds).toBeCloseTo(handleSeconds / handled, 6)
      }
    }
    expect(state.quality()).toMatchObject({ orphanEvents: 0, negativeDurations: 0, differingDurations: 0 })
  }, 120_000)
})
