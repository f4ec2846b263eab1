/** The ways in which the same events may come: none of them may change a figure. Seeded, so that a fault comes again. */

export interface Arrangement<T> {
  readonly name: 'as delivered' | 'shuffled' | 'duplicated' | 'cut in two'
  /** Batches of one run of the store; it is closed and opened again between two runs. */
  readonly runs: readonly (readonly (readonly T[])[])[]
}

const LARGE_BATCH = 2_000
/** Odd, so that the events of a contact fall into different batches. */
const SMALL_BATCH = 97
/** After the cut so much of what was delivered comes again, as it does when a sender resumes. */
const OVERLAP_RATIO = 0.1

export function arrangementsOf<T>(events: readonly T[], seed: number): readonly Arrangement<T>[] {
  const middle = events.length >> 1
  const resumeAt = Math.floor(middle * (1 - OVERLAP_RATIO))
  const again = shuffled(events, seed + 1)
  return [
    { name: 'as delivered', runs: [batches(events, LARGE_BATCH)] },
    { name: 'shuffled', runs: [batches(shuffled(events, seed), batchFor(events))] },
    {
      name: 'duplicated',
      // Within a batch, across batches, and all of it once more in another order.
      runs: [
        [
          ...batches(
            events.flatMap((event) => [event, event]),
            LARGE_BATCH,
          ),
          ...batches(again, LARGE_BATCH),
        ],
      ],
    },
    {
      name: 'cut in two',
      runs: [batches(events.slice(0, middle), LARGE_BATCH), batches(events.slice(resumeAt), LARGE_BATCH)],
    },
  ]
}

/** Small batches show most; a million events in small batches would take too long. */
function batchFor(events: readonly unknown[]): number {
  return events.length > 50_000 ? LARGE_BATCH : SMALL_BATCH
}

function batches<T>(events: readonly T[], size: number): readonly (readonly T[])[] {
  const made: (readonly T[])[] = []
  for (let at = 0; at < events.length; at += size) made.push(events.slice(at, at + size))
  return made
}

/** Sorted by seeded keys (a linear congruential generator). */
export function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed >>> 0
  const keys = items.map(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  })
  return items
    .map((item, index) => ({ item, key: keys[index] ?? 0, index }))
    .sort((a, b) => a.key - b.key || a.index - b.index)
    .map(({ item }) => item)
}
