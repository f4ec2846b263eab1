/** Notes of the running day on a board: against a plain choice among all notes, and with answers that come out of order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DayNotes } from '../../../server/alerts/day-notes.ts'
import type { NoteBody } from '../../../server/wire/alerts.ts'

const DAY_MS = 86_400_000
const dayOf = (index: number) => ({
  day: `2026-03-${String(index + 1).padStart(2, '0')}`,
  startMs: index * DAY_MS,
  endMs: (index + 1) * DAY_MS,
})
const settled = () => new Promise((resolve) => setImmediate(resolve))

const notes = fc.array(
  fc.record({
    fromMs: fc.integer({ min: 0, max: 3 * DAY_MS }),
    lastsMs: fc.integer({ min: 0, max: DAY_MS }),
    queueId: fc.constantFrom(null, 'a', 'b', 'c'),
  }),
  { maxLength: 20 },
)
function noteOf(like: { fromMs: number; lastsMs: number; queueId: string | null }, index: number): NoteBody {
  return {
    noteId: `n${index}`,
    version: 1,
    changedAtMs: 0,
    author: 'Zoé',
    fromMs: like.fromMs,
    toMs: like.fromMs + like.lastsMs,
    queueId: like.queueId,
    kind: 'outage',
    heads: null,
    text: 'line down',
  }
}

describe('notes of the running day', () => {
  it('are those of the day, of the queues asked for and of the whole site', async () => {
    const asked = fc.subarray(['a', 'b', 'c'])
    await fc.assert(
      fc.asyncProperty(notes, asked, fc.boolean(), async (likes, queueIds, named) => {
        const all = likes.map(noteOf)
        let index = 0
        let changes = 0
        const dayNotes = new DayNotes({
          today: () => dayOf(index),
          read: async (fromMs, toMs) => all.filter((note) => note.fromMs < toMs && note.toMs >= fromMs),
          onChange: () => {
            changes += 1
          },
          onError: (error) => {
            throw error
          },
        })
        for (index = 0; index < 3; index += 1) {
          // Nothing of the day before while the new one is read.
          expect(dayNotes.rows(queueIds, named)).toEqual([])
          await settled()
          expect(changes).toBe(index + 1)
          const { startMs, endMs } = dayOf(index)
          const expected: unknown[] = []
          for (const note of all) {
            const ofDay = note.fromMs < endMs && note.toMs >= startMs
            const ofBoard = note.queueId === null || queueIds.some((id) => id === note.queueId)
            if (ofDay && ofBoard) expected.push({ ...note, key: note.noteId, author: named ? 'Zoé' : null })
          }
          expect(dayNotes.rows(queueIds, named)).toEqual(expected)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('of a day that is over never replace those of the next, however late they come', async () => {
    const answers: ((found: readonly NoteBody[]) => void)[] = []
    let index = 0
    const dayNotes = new DayNotes({
      today: () => dayOf(index),
      read: () => new Promise((resolve) => answers.push(resolve)),
      onChange: () => undefined,
      onError: () => undefined,
    })
    dayNotes.rows([], true)
    index = 1
    dayNotes.rows([], true)
    const [first, second] = [
      noteOf({ fromMs: 0, lastsMs: 1, queueId: null }, 1),
      noteOf({ fromMs: DAY_MS, lastsMs: 1, queueId: null }, 2),
    ]
    answers[1]?.([second])
    await settled()
    answers[0]?.([first])
    await settled()
    expect(dayNotes.rows([], true).map(({ noteId }) => noteId)).toEqual(['n2'])
  })
})
