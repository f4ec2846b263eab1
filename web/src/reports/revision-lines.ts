/** The sums of an interval that a revision changed, in the order of the report, with their names and units. Pure. */
import type { MessageKey } from '../../../server/messages/translate.ts'

/** As they are written into a revision: counts, and sums of milliseconds. */
const SUMS = [
  ['offered', 'report.offered', 'count'],
  ['answered', 'report.answered', 'count'],
  ['abandoned', 'report.abandoned', 'count'],
  ['flowedOut', 'report.flowedOut', 'count'],
  ['lost', 'report.lost', 'count'],
  ['waiting', 'report.waiting', 'count'],
  ['answeredWithinThreshold', 'report.sum.answeredWithin', 'count'],
  ['abandonedWithinThreshold', 'report.sum.abandonedWithin', 'count'],
  ['shortAbandons', 'report.sum.shortAbandons', 'count'],
  ['callbacksWithinThreshold', 'report.callbacks', 'count'],
  ['waitAnsweredMs', 'report.sum.waitAnswered', 'duration'],
  ['waitAllMs', 'report.sum.waitAll', 'duration'],
  ['waitMsMax', 'report.waitMax', 'duration'],
  ['waitsEnded', 'report.sum.waitsEnded', 'count'],
  ['handled', 'report.sum.handled', 'count'],
  ['talkMs', 'report.sum.talk', 'duration'],
  ['handleMs', 'report.sum.handling', 'duration'],
  ['transfers', 'report.transfers', 'count'],
] as const satisfies readonly (readonly [name: string, key: MessageKey, unit: 'count' | 'duration'])[]

type Change = readonly [before: number | null, after: number | null]

export interface RevisionLine {
  readonly name: string
  /** Null: a sum of another release, known by its name only. */
  readonly key: (typeof SUMS)[number][1] | null
  /** Durations are told in milliseconds. */
  readonly unit: 'count' | 'duration'
  readonly before: number | null
  readonly after: number | null
}

export function revisionLines(changes: Readonly<Record<string, Change>>): readonly RevisionLine[] {
  const known: ReadonlySet<string> = new Set(SUMS.map(([name]) => name))
  const line = (name: string, key: RevisionLine['key'], unit: RevisionLine['unit']) => {
    const change = changes[name]
    return change === undefined ? [] : [{ name, key, unit, before: change[0], after: change[1] }]
  }
  return [
    ...SUMS.flatMap(([name, key, unit]) => line(name, key, unit)),
    ...Object.keys(changes)
      .filter((name) => !known.has(name))
      .flatMap((name) => line(name, null, 'count')),
  ]
}
