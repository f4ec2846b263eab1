/** What a feed says of the set-up of its queues (`cc.queue.configured.v1`): the parts that can be used, by the names of our settings. */
import type { EventEnvelope } from '../domain/event.ts'
import type { ToldQueue } from '../domain/settings.ts'
import { queueFieldProblem } from '../setup/setting-rules.ts'
import { isRecord } from './canonical-event.ts'

/** Names in an event → names of our own. */
const FIELDS: readonly (readonly [given: string, own: keyof ToldQueue])[] = [
  ['name', 'name'],
  ['zone', 'zone'],
  ['hours', 'openingHours'],
  ['openingHours', 'openingHours'],
  ['serviceLevelSeconds', 'answerThresholdSeconds'],
  ['answerThresholdSeconds', 'answerThresholdSeconds'],
  ['shortAbandonSeconds', 'shortAbandonSeconds'],
  ['serviceLevelFormula', 'formula'],
  ['formula', 'formula'],
]

/** Null where nothing of it can be used; what cannot be stays readable in the event. */
export function toldQueue({ data }: Pick<EventEnvelope, 'data'>): ToldQueue | null {
  const given = data.raw
  if (!isRecord(given)) return null
  const usable = FIELDS.flatMap(([field, own]) => {
    const value = given[field]
    const isUsable = value !== undefined && value !== null && queueFieldProblem(own, value) === undefined
    return isUsable ? [[own, value] as const] : []
  })
  // Each value has passed the rule of the field that it becomes.
  return usable.length === 0 ? null : (Object.fromEntries(usable) as ToldQueue)
}
