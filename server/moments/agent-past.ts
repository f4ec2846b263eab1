/**
 * What a day needs of the agent events before it. A log-off that ends memberships ends all that was set and done as well:
 * of what its source told before it, only the queues that the agent joined and left go on. The rest of months of history
 * would be folded again at each step back.
 */
import { type LedgerEvent, LOGOFF_KEEPS_MEMBERSHIP } from '../domain/event.ts'

/** Events that a feed sends out of its order are not further apart. */
const ORDER_MARGIN_MS = 3_600_000

/** The events without those that no longer matter from the instant on; the order stays. `agentOf`: whom an id means. */
export function neededFrom(
  fromMs: number,
  events: readonly LedgerEvent[],
  agentOf: (agentId: string) => string,
): LedgerEvent[] {
  const keyOf = ({ source, data }: LedgerEvent) => `${agentOf(data.agentId ?? '')}\n${source}`
  const offAtMs = new Map<string, number>()
  for (const event of events) {
    if (event.occurredAtMs >= fromMs || !isWholeLogOff(event)) continue
    const key = keyOf(event)
    offAtMs.set(key, Math.max(offAtMs.get(key) ?? event.occurredAtMs, event.occurredAtMs))
  }
  return events.filter((event) => {
    if (event.type === 'cc.agent.queue-joined.v1' || event.type === 'cc.agent.queue-left.v1') return true
    const lastOffMs = offAtMs.get(keyOf(event))
    return lastOffMs === undefined || event.occurredAtMs >= lastOffMs - ORDER_MARGIN_MS
  })
}

function isWholeLogOff({ type, data }: LedgerEvent): boolean {
  const off =
    type === 'cc.agent.logged-off.v1' || (type === 'cc.agent.state-changed.v1' && data.state === 'offline')
  return off && data.reason !== LOGOFF_KEEPS_MEMBERSHIP
}
