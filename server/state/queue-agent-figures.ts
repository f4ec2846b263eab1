/** The agents of one queue and day: their contacts, and their time as members of it. */
import { membershipMs, notReadyMs, type TimeWindow } from './agent-fold.ts'
import type { FoldedDay } from './day-report.ts'
import type { AgentDayFigures } from './figures.ts'
import type { Visit } from './visit.ts'

interface AgentSums {
  answered: number
  talkMs: number
  ringNoAnswer: number
}

/** What each agent did for the queue in the window: contacts by arrival, times by the wall. */
export function queueAgentFigures(
  folded: FoldedDay,
  queueId: string,
  visits: readonly Visit[],
  window: TimeWindow,
): AgentDayFigures[] {
  const sums = new Map<string, AgentSums>()
  const of = (agentId: string): AgentSums => {
    let row = sums.get(agentId)
    if (row === undefined) {
      row = { answered: 0, talkMs: 0, ringNoAnswer: 0 }
      sums.set(agentId, row)
    }
    return row
  }
  for (const visit of visits) {
    for (const { agentId, talkMs } of visit.handlings) {
      if (agentId === undefined) continue
      const row = of(agentId)
      row.answered += 1
      row.talkMs += talkMs ?? 0
    }
    for (const { agentId, isNoAnswer } of visit.rung ?? []) if (isNoAnswer) of(agentId).ringNoAnswer += 1
  }
  const times = new Map<string, { loggedInMs: number; notReadyMs: number }>()
  for (const [agentId, timeline] of folded.agentTimelines()) {
    const loggedInMs = membershipMs(timeline, queueId, window)
    if (loggedInMs > 0) of(agentId)
    if (sums.has(agentId))
      times.set(agentId, { loggedInMs, notReadyMs: notReadyMs(timeline, queueId, window) })
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([agent, { answered, talkMs, ringNoAnswer }]) => ({
      agent,
      answered,
      talkSeconds: talkMs / 1000,
      ringNoAnswer,
      loggedInSeconds: (times.get(agent)?.loggedInMs ?? 0) / 1000,
      notReadySeconds: (times.get(agent)?.notReadyMs ?? 0) / 1000,
    }))
}
