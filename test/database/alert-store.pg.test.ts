/** Alerts, thresholds and notes on both databases: every change is a row, of two who change the same one is faster. */
import { expect, it } from 'vitest'
import type { AlertChange } from '../../server/alerts/alert-store.ts'
import type { NoteVersion } from '../../server/alerts/note-book.ts'
import { createAlertStore, createNoteStore } from '../../server/db/alert-store.ts'
import { describeOnEachDatabase } from '../support/databases.ts'

const NOW_MS = Date.UTC(2026, 2, 2, 10)
const MINUTE_MS = 60_000

function alertChange(alertId: string, version: number, kind: AlertChange['kind'], minutes = 0): AlertChange {
  return {
    alertId,
    version,
    kind,
    changedAtMs: NOW_MS + minutes * MINUTE_MS,
    changedBy: 'Ann',
    scope: 'site',
    cause: 'longest-wait',
    subject: "sales d'été",
    measured: 130.5,
    threshold: 120,
  }
}

function note(noteId: string, version: number, part: Partial<NoteVersion> = {}): NoteVersion {
  return {
    noteId,
    version,
    changedAtMs: NOW_MS + version,
    changedBy: 'Ann',
    fromMs: NOW_MS,
    toMs: NOW_MS + 30 * MINUTE_MS,
    queueId: null,
    kind: 'outage',
    heads: null,
    text: 'Carrier away — انقطاع',
    removed: false,
    ...part,
  }
}

describeOnEachDatabase('alerts and notes', (open) => {
  it('tells every alert that is open, however old, and those that changed since', async () => {
    const store = createAlertStore(await open())
    const open1 = alertChange('open', 1, 'raised', -600)
    const old = [alertChange('old', 1, 'raised', -600), alertChange('old', 2, 'ended', -590)]
    const fresh = [
      alertChange('fresh', 1, 'raised', -600),
      alertChange('fresh', 2, 'acknowledged', -1),
      alertChange('fresh', 3, 'ended', 1),
    ]
    for (const change of [open1, ...old, ...fresh]) expect(await store.addAlertChange(change)).toBe(true)
    expect(await store.addAlertChange(alertChange('fresh', 2, 'ended'))).toBe(false)
    expect(await store.alertChanges(NOW_MS)).toEqual([...fresh, open1])
  })

  it('takes thresholds as the next version only, and null gives a scope back to the site', async () => {
    const store = createAlertStore(await open())
    const version = (scope: string, number: number, changedBy = 'Ann') => ({
      scope,
      version: number,
      changedAtMs: NOW_MS,
      changedBy,
      body: null,
    })
    const both = await Promise.all(['Ann', 'Bob'].map((by) => store.addThresholds(version('site', 1, by))))
    expect(both.filter((stored) => stored !== undefined)).toHaveLength(1)
    expect(await store.addThresholds(version('site', 3))).toBeUndefined()
    expect(await store.addThresholds(version('site', 2))).toEqual(version('site', 2))
    expect(await store.addThresholds(version('board:b1', 1))).toEqual(version('board:b1', 1))
    expect(await store.thresholds()).toEqual([version('board:b1', 1), version('site', 2)])
  })

  it('tells the newest version of the notes that touch a time, and keeps all of them', async () => {
    const store = createNoteStore(await open())
    const later = note('b', 1, {
      fromMs: NOW_MS + 20 * MINUTE_MS,
      kind: 'campaign',
      heads: 3,
      queueId: 'sales',
    })
    for (const one of [note('a', 1), later, note('gone', 1)])
      expect(await store.addNoteVersion(one)).toBe(true)
    const moved = [
      note('a', 2, { text: 'Carrier back' }),
      note('a', 2, { text: 'Carrier gone for good' }),
    ].map((one) => store.addNoteVersion(one))
    expect((await Promise.all(moved)).filter((stored) => stored)).toHaveLength(1)
    expect(await store.addNoteVersion(note('gone', 2, { removed: true }))).toBe(true)
    const newest = await store.newestNote('a')
    expect(newest?.version).toBe(2)
    expect(await store.newestNote('nobody')).toBeUndefined()
    expect(await store.notes(NOW_MS - MINUTE_MS, NOW_MS + 21 * MINUTE_MS)).toEqual([newest, later])
    // Half-open: a note that begins at the end of the time is not in it.
    expect(await store.notes(NOW_MS - MINUTE_MS, NOW_MS)).toEqual([])
    expect((await store.noteVersions('gone')).map(({ removed }) => removed)).toEqual([false, true])
  })
})
