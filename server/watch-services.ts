/** Alerts and notes, wired: what is watched are the rows of the board, so that an alert never disagrees with it. */
import { randomUUID } from 'node:crypto'
import { AlertBook } from './alerts/alert-book.ts'
import type { Watched } from './alerts/alert-causes.ts'
import { DayNotes } from './alerts/day-notes.ts'
import { NoteBook } from './alerts/note-book.ts'
import type { DataServices } from './data-services.ts'
import { dayBounds, siteDayOf } from './domain/site-calendar.ts'
import type { PlannedTraining } from './planning/look-ahead.ts'
import type { SliceContext } from './push/board-slices.ts'
import type { SettingsView } from './state/settings-view.ts'
import type { AheadBody, AheadQueueBody } from './wire/ahead.ts'
import { type AlertBody, type BoardNoteRow, SITE_SCOPE } from './wire/alerts.ts'
import type { Board } from './wire/board.ts'

export interface WatchServicesOptions {
  readonly data: Pick<DataServices, 'alertStore' | 'noteStore' | 'clock'>
  readonly settings: SettingsView
  readonly isBoard: (boardId: string) => boolean
  /** Told when what boards show of alerts has changed. */
  readonly onChange: () => void
  readonly onError: (message: string, error: unknown) => void
}

/** Real time between two looks: an alert is seen within a second of its cause. */
const WATCH_MS = 1_000
/** A client is told that its feed is silent, not which feeds there are. */
const CLIENT_FEED = 'feed'

export type WatchServices = Awaited<ReturnType<typeof createWatchServices>>

export async function createWatchServices(options: WatchServicesOptions) {
  const { data, settings, isBoard, onChange, onError } = options
  const nowMs = () => data.clock.nowMs()
  const newId = () => randomUUID()
  const alerts = new AlertBook({ store: data.alertStore, nowMs, newId, onChange })
  await alerts.load()
  const noteListeners = new Set<() => void>()
  const notes = new NoteBook({
    store: data.noteStore,
    nowMs,
    newId,
    clientOf: (queueId) =>
      settings.queueIds().includes(queueId) ? settings.queue(queueId).clientId : undefined,
    onChange: () => {
      for (const listener of noteListeners) listener()
    },
  })
  const dayNotes = new DayNotes({
    today() {
      const day = siteDayOf(settings.siteZone, nowMs())
      return { day, ...dayBounds(settings.siteZone, day) }
    },
    read: (fromMs, toMs) => notes.notes(fromMs, toMs, null),
    onChange,
    onError: (error) => onError('the notes of the day could not be read', error),
  })
  noteListeners.add(() => dayNotes.refresh())
  const clientOf = (queueId: string) => settings.queue(queueId).clientId

  function forClient(alert: AlertBody, clientId: string): AlertBody | undefined {
    if (alert.queueId !== null && clientOf(alert.queueId) !== clientId) return undefined
    const subject = alert.queueId === null ? CLIENT_FEED : alert.subject
    return { ...alert, subject, acknowledgedBy: null }
  }

  return {
    alerts,
    notes,
    forClient,
    isScope: (scope: string) => scope === SITE_SCOPE || isBoard(scope),
    onNotes: (listener: () => void) => void noteListeners.add(listener),
    alertRows({ view, queueIds }: SliceContext): readonly AlertBody[] {
      const own = new Set(queueIds)
      const { clientId } = view
      return alerts
        .open()
        .filter(({ queueId }) => queueId === null || own.has(queueId))
        .flatMap((alert) => (clientId === null ? alert : (forClient(alert, clientId) ?? [])))
    },
    noteRows: ({ view, queueIds }: SliceContext): readonly BoardNoteRow[] =>
      dayNotes.rows(queueIds, view.clientId === null),
    async trainings(fromMs: number, toMs: number): Promise<readonly PlannedTraining[]> {
      const found = await notes.notes(fromMs, toMs, null)
      return found.flatMap(({ kind, heads, ...note }) =>
        kind === 'training' && heads !== null ? { ...note, heads } : [],
      )
    },
    startWatching(board: () => Board) {
      const timer = setInterval(() => {
        alerts.watch(watchedOf(board(), nowMs())).catch((error: unknown) => onError('alerts', error))
      }, WATCH_MS)
      return { stop: () => clearInterval(timer) }
    },
  }
}

/** What the look-ahead tells a board: a client's promise is its own business, how the site is staffed is not. */
export function aheadRows(body: AheadBody, { view, queueIds }: SliceContext): readonly AheadQueueBody[] {
  if (view.clientId !== null) return []
  const own = new Set(queueIds)
  return body.queues.filter(({ queueId }) => own.has(queueId))
}

function watchedOf(board: Board, nowMs: number): Watched {
  return {
    nowMs,
    siteOpen: board.queues.some(({ open }) => open),
    sources: board.sources,
    queues: board.queues.map((row) => ({
      queueId: row.queueId,
      open: row.open,
      targetRatio: row.promise.targetRatio,
      levelRatio: row.halfHour.ratio,
      longestWaitingSinceMs: row.longestWaitingSinceMs,
      staffed: row.staffed,
      required: row.required,
    })),
  }
}
