/**
 * Members of Asterisk's queues: what each event or snapshot row says of one is compared with what was known of it, and only
 * the difference becomes events. Pauses are per queue; a telephone that cannot be reached takes its agent off line.
 */
import { type EventData, type EventType, LOGOFF_KEEPS_MEMBERSHIP } from '../../domain/event.ts'
import { BoundedMap } from '../canonical-event.ts'
import type { AmiBlock } from './blocks.ts'

/** 500 queues of 200 members; beyond it the one heard of longest ago counts as new again. */
const MEMBERS_MAX = 100_000
const AGENTS_MAX = 50_000
const RESYNC = 'resync'
/** Device states "invalid" and "unavailable". */
const UNREACHABLE = new Set(['4', '5'])

export interface AgentChange {
  readonly type: EventType
  readonly data: EventData
}

interface Member {
  readonly queueId: string
  readonly agentId: string
  readonly pausedReason: string | null
  readonly wrapUpSeconds: number
}

/** The member's name as the queue log writes it, so that both feeds mean one agent; without one, its interface. */
export function agentIdOf(block: AmiBlock): string | undefined {
  return block.get('MemberName', 'Name', 'AgentName', 'Interface', 'Location', 'Member')
}

export class QueueMembers {
  readonly #members = new BoundedMap<string, Member>(MEMBERS_MAX)
  readonly #reachable = new BoundedMap<string, boolean>(AGENTS_MAX)
  /** Members that a snapshot under way, or an event since its begin, has told of. */
  #listed: Set<string> | null = null

  /** Seconds after a call in which the queue gives the agent no other one. */
  wrapUpSeconds(queueId: string, agentId: string): number {
    return this.#members.get(key(queueId, agentId))?.wrapUpSeconds ?? 0
  }

  /** QueueMember, QueueMemberAdded, QueueMemberStatus, QueueMemberPause: each carries the whole state of the member. */
  seen(block: AmiBlock): AgentChange[] {
    const queueId = block.get('Queue')
    const agentId = agentIdOf(block)
    if (queueId === undefined || agentId === undefined) return []
    const known = this.#members.get(key(queueId, agentId))
    this.#listed?.add(key(queueId, agentId))
    const wasReachable = this.#reachable.get(agentId)
    const isReachable = isReachableBy(block.get('Status')) ?? wasReachable ?? true
    const changes: AgentChange[] = []
    // Said again it adds nothing; of an agent who was off line it says that the session goes on.
    if (known === undefined || (isReachable && wasReachable === false)) {
      changes.push({ type: 'cc.agent.queue-joined.v1', data: { agentId, queueId } })
    }
    const pausedReason = pauseOf(block, known)
    // The first time even "not paused" is news: the ledger may hold a pause that ended while nobody listened.
    if (known === undefined || pausedReason !== known.pausedReason) {
      // Of a change that nobody saw happen it is said that it was found.
      const found = known !== undefined && block.get('Event') === 'QueueMember' ? RESYNC : ''
      const given = pausedReason === null || pausedReason === '' ? found : pausedReason
      const reason = given === '' ? {} : { reason: given }
      const state = pausedReason === null ? 'ready' : 'not-ready'
      changes.push({ type: 'cc.agent.state-changed.v1', data: { agentId, queueId, state, ...reason } })
    }
    if (!isReachable && wasReachable !== false) {
      changes.push({ type: 'cc.agent.logged-off.v1', data: { agentId, reason: LOGOFF_KEEPS_MEMBERSHIP } })
    }
    this.#reachable.set(agentId, isReachable)
    const wrapUpSeconds = Math.max(0, block.number('Wrapuptime') ?? known?.wrapUpSeconds ?? 0)
    this.#members.set(key(queueId, agentId), { queueId, agentId, pausedReason, wrapUpSeconds })
    return changes
  }

  removed(block: AmiBlock): AgentChange[] {
    const queueId = block.get('Queue')
    const agentId = agentIdOf(block)
    if (queueId === undefined || agentId === undefined) return []
    this.#members.delete(key(queueId, agentId))
    return [{ type: 'cc.agent.queue-left.v1', data: { agentId, queueId } }]
  }

  beginSnapshot(): void {
    this.#listed = new Set()
  }

  /** Who was a member and is not listed has left while nobody listened. */
  finishSnapshot(): AgentChange[] {
    const listed = this.#listed
    this.#listed = null
    const changes: AgentChange[] = []
    if (listed === null) return changes
    for (const [name, { queueId, agentId }] of this.#members.entries()) {
      if (listed.has(name)) continue
      this.#members.delete(name)
      changes.push({ type: 'cc.agent.queue-left.v1', data: { agentId, queueId, reason: RESYNC } })
    }
    return changes
  }
}

function isReachableBy(deviceState: string | undefined): boolean | undefined {
  return deviceState === undefined ? undefined : !UNREACHABLE.has(deviceState)
}

/** The reason of the pause ('' without one), null when not paused; where the event does not say, what was known. */
function pauseOf(block: AmiBlock, known: Member | undefined): string | null {
  const paused = block.get('Paused')
  if (paused === undefined) return known?.pausedReason ?? null
  return paused === '1' ? (block.get('PausedReason', 'Reason') ?? '') : null
}

function key(queueId: string, agentId: string): string {
  return `${queueId}\n${agentId}`
}
