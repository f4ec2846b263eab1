/** Alerts: one a cause, raised when it has lasted, ended with slack, acknowledged once, kept over a restart. */
import { beforeEach, describe, expect, it } from 'vitest'
import { AlertBook } from '../../../server/alerts/alert-book.ts'
import type { Watched, WatchedQueue } from '../../../server/alerts/alert-causes.ts'
import type { AlertChange, AlertStore, ThresholdVersion } from '../../../server/alerts/alert-store.ts'
import { DEFAULT_ALERT_THRESHOLDS } from '../../../server/wire/alerts.ts'

const QUEUE: WatchedQueue = {
  queueId: 'q',
  open: true,
  targetRatio: 0.8,
  levelRatio: 0.9,
  longestWaitingSinceMs: null,
  staffed: 10,
  required: 10,
}
const MINUTE = 60_000

function memoryStore() {
  const changes: AlertChange[] = []
  const thresholds: ThresholdVersion[] = []
  const store: AlertStore = {
    async addAlertChange(change) {
      if (changes.some((one) => one.alertId === change.alertId && one.version === change.version))
        return false
      changes.push(change)
      return true
    },
    alertChanges: async () => changes,
    async addThresholds(version) {
      const newest = Math.max(0, ...thresholds.filter((t) => t.scope === version.scope).map((t) => t.version))
      if (version.version !== newest + 1) return undefined
      thresholds.push(version)
      return version
    },
    thresholds: async () => thresholds,
  }
  return { store, changes }
}

describe('alerts', () => {
  let nowMs = 0
  let ids = 0
  let { store, changes } = memoryStore()
  const open = () =>
    new AlertBook({ store, nowMs: () => nowMs, newId: () => `alert-${++ids}`, onChange: () => undefined })
  let book = open()
  const look = (queue: Partial<WatchedQueue>, rest: Partial<Watched> = {}) =>
    book.watch({ nowMs, siteOpen: true, sources: [], queues: [{ ...QUEUE, ...queue }], ...rest })

  beforeEach(() => {
    nowMs = 0
    ids = 0
    ;({ store, changes } = memoryStore())
    book = open()
  })

  it('raises a level only after it has been under the target for the time that was set, and once', async () => {
    for (; nowMs < 10 * MINUTE; nowMs += MINUTE) await look({ levelRatio: 0.7 })
    expect(book.open()).toEqual([])
    await look({ levelRatio: 0.71 })
    nowMs += MINUTE
    await look({ levelRatio: 0.6 })
    expect(book.open()).toMatchObject([
      { cause: 'level', queueId: 'q', measured: 0.71, threshold: 0.8, raisedAtMs: 10 * MINUTE },
    ])
    expect(changes).toHaveLength(1)
  })

  it('does not raise what was better in between', async () => {
    for (; nowMs < 40 * MINUTE; nowMs += MINUTE)
      await look({ levelRatio: nowMs % (9 * MINUTE) === 0 ? 0.85 : 0.7 })
    expect(book.open()).toEqual([])
  })

  it('ends with slack, and is armed again', async () => {
    const waiting = (seconds: number) => look({ longestWaitingSinceMs: nowMs - seconds * 1000 })
    nowMs = 1_000_000
    await waiting(121)
    expect(book.open()).toHaveLength(1)
    await waiting(110)
    expect(book.open()).toHaveLength(1)
    await waiting(80)
    expect(book.open()).toEqual([])
    expect(book.ended(0)).toMatchObject([{ cause: 'longest-wait', endedAtMs: nowMs }])
    await waiting(130)
    expect(book.open()).toMatchObject([{ alertId: 'alert-2', acknowledgedAtMs: null }])
  })

  it('is acknowledged by one person, by the version that was seen', async () => {
    nowMs = 1_000_000
    await look({ longestWaitingSinceMs: 0 })
    expect(await book.acknowledge('alert-1', 2, 'Ada')).toBe('changed')
    expect(await book.acknowledge('alert-1', 1, 'Ada')).toBe('acknowledged')
    expect(await book.acknowledge('alert-1', 1, 'Bob')).toBe('changed')
    expect(await book.acknowledge('nobody', 1, 'Bob')).toBe('not-found')
    expect(book.open()).toMatchObject([{ acknowledgedBy: 'Ada', acknowledgedAtMs: 1_000_000, version: 2 }])
  })

  it('is the same after a restart', async () => {
    nowMs = 1_000_000
    await look({ longestWaitingSinceMs: 0, staffed: 10 })
    await book.acknowledge('alert-1', 1, 'Ada')
    const before = book.open()
    book = open()
    await book.load()
    expect(book.open()).toEqual(before)
    await look({ longestWaitingSinceMs: 0 })
    expect(book.open()).toEqual(before)
  })

  it('raises nothing for a closed queue, a silent night, a file, or a queue without calls', async () => {
    for (; nowMs < 60 * MINUTE; nowMs += MINUTE)
      await look(
        { open: false, levelRatio: 0.1, staffed: 0 },
        {
          siteOpen: false,
          sources: [
            { source: 'pbx', connected: true, newestEventMs: 0 },
            { source: 'file', connected: null, newestEventMs: 0 },
          ],
        },
      )
    expect(book.open()).toEqual([])
    await look({ levelRatio: null, required: null })
    expect(book.open()).toEqual([])
  })

  it('tells of a silent source, and of too few agents', async () => {
    for (; nowMs <= 6 * MINUTE; nowMs += MINUTE)
      await look({ staffed: 7 }, { sources: [{ source: 'pbx', connected: true, newestEventMs: 0 }] })
    expect(
      book
        .open()
        .map(({ cause, subject }) => `${cause} ${subject}`)
        .sort(),
    ).toEqual(['coverage q', 'source pbx'])
  })

  it('follows a board that has thresholds of its own beside those of the site, and forgets them with it', async () => {
    const body = { ...DEFAULT_ALERT_THRESHOLDS, longestWaitSeconds: 30 }
    expect(await book.putThresholds('board-1', 0, body, 'Ada')).toMatchObject({ version: 1 })
    expect(await book.putThresholds('board-1', 0, body, 'Bob')).toBe('changed')
    nowMs = 1_000_000
    await look({ longestWaitingSinceMs: nowMs - 60_000 })
    expect(book.open()).toMatchObject([{ scope: 'board-1' }])
    await book.putThresholds('board-1', 1, null, 'Ada')
    await look({ longestWaitingSinceMs: nowMs - 60_000 })
    expect(book.open()).toEqual([])
    expect(book.scopeFor('board-1')).toBe('site')
  })
})
