/**
 * A random day whose truth is known before any event is written: scripts of contacts, counted one by one, and agents
 * followed minute by minute. Shares nothing with the fold.
 */
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { seeded } from './support.ts'

export interface Counted {
  offered: number
  answered: number
  abandoned: number
  flowedOut: number
  lost: number
  waiting: number
  in20: number
  abandonedIn20: number
  short: number
  callbacksIn20: number
  waitAnsweredMs: number
  talkMs: number
  workMs: number
  handled: number
  transfers: number
  longestMs: number
}

export interface RandomDay {
  readonly events: readonly LedgerEvent[]
  readonly startMs: number
  readonly endMs: number
  /** By queue, then by half hour since the day's start; -1 is the whole day. */
  readonly truth: ReadonlyMap<string, ReadonlyMap<number, Counted>>
  /** By queue and agent: seconds. */
  readonly agents: ReadonlyMap<string, { memberSeconds: number; notReadySeconds: number }>
}

const HALF_HOUR_MS = 1_800_000
export const QUEUES = ['billing', 'sales', 'service']
const AGENTS = ['ann', 'bob', 'cleo', 'dan', 'eve']

/** `startMs` and `endMs` are the bounds of the day, given from outside: what a calendar says of them is tried elsewhere. */
export function randomDay(seed: number, startMs: number, endMs: number, contacts: number): RandomDay {
  const random = seeded(seed)
  const int = (below: number) => Math.floor(random() * below)
  const pick = <T>(items: readonly T[]): T => items[int(items.length)] as T
  const events: { atMs: number; event: LedgerEvent }[] = []
  let made = 0
  const emit = (source: string, type: string, atMs: number, data: LedgerEvent['data']) => {
    made += 1
    const id = `${source}-${made}`
    const event = {
      id,
      source,
      type: `cc.${type}.v1`,
      occurredAtMs: atMs,
      receivedAtMs: atMs,
      ingestSeq: 0,
      data,
    }
    events.push({ atMs, event: event as LedgerEvent })
  }
  const truth = new Map<string, Map<number, Counted>>(
    QUEUES.map((queue) => [queue, new Map([[-1, nothing()]])]),
  )
  const count = (queue: string, atMs: number, add: (counted: Counted) => void) => {
    if (atMs < startMs || atMs >= endMs) return
    const rows = truth.get(queue) as Map<number, Counted>
    const slot = Math.floor((atMs - startMs) / HALF_HOUR_MS)
    const row = rows.get(slot) ?? nothing()
    rows.set(slot, row)
    add(row)
    add(rows.get(-1) as Counted)
  }
  const restartMs = startMs + Math.floor((endMs - startMs) * 0.7) + 1
  emit('pbx', 'source.started', restartMs, {})

  const stay = (contactId: string, source: string, queue: string, atMs: number, depth: number): void => {
    // Whatever runs over the restart of its source is cut there.
    const cut = (ms: number) => source === 'pbx' && atMs < restartMs && ms > restartMs
    const at = { contactId, queueId: queue }
    emit(source, 'contact.queued', atMs, at)
    count(queue, atMs, (row) => {
      row.offered += 1
    })
    const rings = int(3)
    const kind = pick(['answered', 'answered', 'answered', 'abandoned', 'left', 'none'] as const)
    const waitMs = pick([0, 4_000, 5_000, 5_001, 12_345, 20_000, 20_001, 45_600, 300_000])
    const endMsOfWait = atMs + waitMs
    if (kind === 'none' || cut(endMsOfWait)) {
      const lost = source === 'pbx' && atMs < restartMs
      count(queue, atMs, (row) => {
        if (lost) row.lost += 1
        else row.waiting += 1
      })
      return
    }
    for (let ring = 0; ring < rings; ring += 1) {
      const agentId = pick(AGENTS)
      emit(source, 'contact.offered', atMs, { ...at, agentId })
      emit(source, 'contact.offer-ended', endMsOfWait, { ...at, agentId, reason: 'noAnswer' })
    }
    const longest = (row: Counted) => {
      row.longestMs = Math.max(row.longestMs, waitMs)
    }
    if (kind === 'abandoned') {
      emit(source, 'contact.abandoned', endMsOfWait, {
        ...at,
        ...(random() < 0.5 ? { waitSeconds: waitMs / 1000 } : {}),
      })
      count(queue, atMs, (row) => {
        longest(row)
        row.abandoned += 1
        if (waitMs <= 20_000) row.abandonedIn20 += 1
        if (waitMs <= 5_000) row.short += 1
      })
      return
    }
    if (kind === 'left') {
      const reason = pick(['timeout', 'callback', 'key'])
      emit(source, 'contact.left-queue', endMsOfWait, { ...at, reason })
      count(queue, atMs, (row) => {
        longest(row)
        row.flowedOut += 1
        if (reason === 'callback' && waitMs <= 20_000) row.callbacksIn20 += 1
      })
      return
    }
    const agentId = pick(AGENTS)
    emit(source, 'contact.answered', endMsOfWait, { ...at, agentId })
    count(queue, atMs, (row) => {
      longest(row)
      row.answered += 1
      row.waitAnsweredMs += waitMs
      if (waitMs <= 20_000) row.in20 += 1
    })
    const talkMs = 1_000 * (30 + int(400))
    const holdMs = random() < 0.3 ? 10_000 : 0
    const overMs = endMsOfWait + talkMs + holdMs
    if (random() < 0.03 || cut(overMs)) return
    if (holdMs > 0) {
      emit(source, 'contact.held', endMsOfWait + 5_000, { contactId, agentId })
      emit(source, 'contact.retrieved', endMsOfWait + 5_000 + holdMs, { contactId, agentId })
    }
    const acwMs = random() < 0.5 ? 1_000 * int(60) : 0
    const transfer = depth === 0 && random() < 0.15
    count(queue, atMs, (row) => {
      row.handled += 1
      row.talkMs += talkMs
      row.workMs += talkMs + holdMs + (transfer ? 0 : acwMs)
      if (transfer) row.transfers += 1
    })
    if (!transfer) {
      emit(source, 'contact.ended', overMs, {
        contactId,
        agentId,
        endedBy: 'customer',
        acwSeconds: acwMs / 1000,
      })
      return
    }
    emit(source, 'contact.transferred', overMs, { contactId, agentId, kind: 'blind' })
    const next = QUEUES[(QUEUES.indexOf(queue) + 1) % QUEUES.length] as string
    stay(contactId, source, next, overMs + 1, depth + 1)
  }
  for (let contact = 0; contact < contacts; contact += 1) {
    const atMs = startMs - 3_600_000 + int(endMs - startMs + 7_200_000)
    stay(`c${contact}`, random() < 0.7 ? 'pbx' : 'web', pick(QUEUES), atMs, 0)
  }
  const agents = randomAgents(random, startMs, endMs, emit)
  // The end of what both sources tell: memberships that last count to there.
  emit('pbx', 'source.heartbeat', endMs + 7_200_000, {})
  emit('web', 'source.heartbeat', endMs + 7_200_000, {})

  events.sort((a, b) => a.atMs - b.atMs)
  const numbered = events.map(({ event }, index) => ({
    ...event,
    ingestSeq: index + 1,
    // One source numbers its events, the other has a clock alone.
    ...(event.source === 'pbx' ? { sequence: String(index).padStart(12, '0') } : {}),
  }))
  return { events: numbered, startMs, endMs, truth, agents }
}

function nothing(): Counted {
  return {
    offered: 0,
    answered: 0,
    abandoned: 0,
    flowedOut: 0,
    lost: 0,
    waiting: 0,
    in20: 0,
    abandonedIn20: 0,
    short: 0,
    callbacksIn20: 0,
    waitAnsweredMs: 0,
    talkMs: 0,
    workMs: 0,
    handled: 0,
    transfers: 0,
    longestMs: -1,
  }
}

/** Every agent acts at whole minutes; flags are followed minute by minute and the minutes are counted. */
function randomAgents(
  random: () => number,
  startMs: number,
  endMs: number,
  emit: (source: string, type: string, atMs: number, data: LedgerEvent['data']) => void,
) {
  const times = new Map<string, { memberSeconds: number; notReadySeconds: number }>()
  for (const agentId of AGENTS) {
    const member = new Set<string>()
    const paused = new Map<string, boolean>()
    let pausedAll = false
    for (const queue of QUEUES) {
      times.set(`${queue} ${agentId}`, { memberSeconds: 0, notReadySeconds: 0 })
      emit('pbx', 'agent.queue-joined', startMs - 7_200_000, { agentId, queueId: queue })
      member.add(queue)
    }
    for (let atMs = startMs - 7_200_000; atMs < endMs; atMs += 60_000) {
      if (random() < 0.02 && atMs > startMs - 7_200_000) {
        const queueId = QUEUES[Math.floor(random() * QUEUES.length)] as string
        const what = random()
        if (what < 0.3) {
          emit('pbx', member.has(queueId) ? 'agent.queue-left' : 'agent.queue-joined', atMs, {
            agentId,
            queueId,
          })
          if (!member.delete(queueId)) member.add(queueId)
          paused.delete(queueId)
          // Whose last membership ends is gone, and comes back ready.
          if (member.size === 0) pausedAll = false
        } else if (what < 0.65) {
          pausedAll = !pausedAll
          paused.clear()
          emit('pbx', 'agent.state-changed', atMs, { agentId, state: pausedAll ? 'not-ready' : 'ready' })
          // An agent of no queue who says something is there by that word.
        } else {
          const state = random() < 0.5
          paused.set(queueId, state)
          emit('pbx', 'agent.state-changed', atMs, { agentId, queueId, state: state ? 'not-ready' : 'ready' })
        }
      }
      if (atMs < startMs) continue
      for (const queue of member) {
        const row = times.get(`${queue} ${agentId}`) as { memberSeconds: number; notReadySeconds: number }
        row.memberSeconds += 60
        if (paused.get(queue) ?? pausedAll) row.notReadySeconds += 60
      }
    }
  }
  return times
}
