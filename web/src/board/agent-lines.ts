/** Agents in the order in which they are read, and which of them a figure counts. Pure. */
import type { AgentState } from '../../../server/domain/event.ts'
import type { BoardAgentRow } from '../../../server/wire/board.ts'
import type { AgentMeasure } from './behind.svelte.ts'

/** Who is away first, then who works, then who could take a call. */
const ORDER: readonly AgentState[] = ['not-ready', 'after-contact-work', 'on-contact', 'reserved', 'ready']

/** `number` stands for a name that is hidden: its place by key, so that it stays while the board goes on. */
export function agentLines(
  agents: readonly BoardAgentRow[],
): readonly { readonly agent: BoardAgentRow; readonly number: number }[] {
  return agents
    .map((agent, index) => ({ agent, number: index + 1 }))
    .sort(
      ({ agent: a }, { agent: b }) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        (a.sinceMs ?? Number.POSITIVE_INFINITY) - (b.sinceMs ?? Number.POSITIVE_INFINITY) ||
        (a.key < b.key ? -1 : 1),
    )
}

/** States of those that a figure is made of; heads that are missing are looked for among all, also those not ready. */
const COUNTED: Readonly<Record<AgentMeasure, readonly AgentState[]>> = {
  free: ['ready'],
  staffed: ['ready', 'reserved', 'on-contact', 'after-contact-work'],
  occupancy: ['ready', 'on-contact', 'after-contact-work'],
  'heads-missing': ORDER,
}

export function countedBy(measure: AgentMeasure, agents: readonly BoardAgentRow[]): readonly BoardAgentRow[] {
  return agents.filter(({ state }) => COUNTED[measure].includes(state))
}
