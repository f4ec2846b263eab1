/** Boards of past moments, wired: the same builder as the live board, over a fold that ends at the instant. */
import type { DataServices } from './data-services.ts'
import { dayBounds, siteDayOf } from './domain/site-calendar.ts'
import type { MomentOutcome, MomentPort } from './http/moment-routes.ts'
import { LookAheadThen } from './moments/look-ahead-then.ts'
import { type FoldedMoment, MomentDays, MomentsBusy } from './moments/moment-days.ts'
import { MonthBoard } from './moments/month-board.ts'
import { monthToDate } from './moments/month-to-date.ts'
import { type PlanningThen, planningThen } from './moments/planning-then.ts'
import { createLessonReader } from './planning/look-ahead-lessons.ts'
import { createLookAheadThread } from './planning/look-ahead-thread.ts'
import type { PlanningSettings } from './planning/planning-settings.ts'
import { Today } from './planning/today.ts'
import { BoardBuilder } from './push/board-builder.ts'
import type { SliceContext } from './push/board-slices.ts'
import type { LiveState } from './state/live-state.ts'
import type { SettingsView } from './state/settings-view.ts'
import type { NoteBody } from './wire/alerts.ts'
import type { BoardMonthRow, MomentBody } from './wire/moment.ts'

export interface MomentServicesOptions {
  readonly data: Pick<DataServices, 'ledger' | 'dayCloses' | 'planningStore' | 'clock'>
  /** A view that follows the set-up, and one that stays as it is. */
  readonly settings: SettingsView
  readonly frozenSettings: () => SettingsView
  readonly planningSettings: PlanningSettings
  readonly site: () => { readonly name: string; readonly zone: string }
  readonly live: LiveState
  readonly notes: (fromMs: number, toMs: number, clientId: string | null) => Promise<readonly NoteBody[]>
  /** Told when what boards show of the month has changed. */
  readonly onChange: () => void
  readonly onError: (message: string, error: unknown) => void
}

/** Sets of forecast and plan versions whose figures are kept: one a queue and interval end of the days looked at. */
const BOOKS_MAX = 64

export function createMomentServices(options: MomentServicesOptions) {
  const { data, settings, site, live, notes } = options
  let frozen = options.frozenSettings()
  const days = new MomentDays({ ledger: data.ledger, settings: () => frozen })
  const books = new Map<string, Today>()
  const lookAhead = new LookAheadThen({
    settings: options.planningSettings,
    lessons: createLessonReader({
      store: data.planningStore,
      dayCloses: data.dayCloses,
      settings: options.planningSettings,
    }),
    // One of its own: the live board's never waits for who looks back.
    thread: createLookAheadThread(),
  })

  /** What planning knew at the instant: versions and manual edits written later do not count. */
  async function planningAt(
    atMs: number,
  ): Promise<{ readonly today: Today; readonly store: PlanningThen['store'] }> {
    const day = siteDayOf(site().zone, atMs)
    const versions = await planningThen(data.planningStore, options.planningSettings, {
      atMs,
      dayOf: (zone) => siteDayOf(zone, atMs),
    })
    const key = `${day} ${versions.key}`
    const known = books.get(key)
    if (known !== undefined) return { today: known, store: versions.store }
    const today = new Today({
      store: versions.store,
      settings: options.planningSettings,
      clock: { nowMs: () => atMs, speed: 1 },
    })
    await today.refresh()
    if (books.size >= BOOKS_MAX) books.clear()
    books.set(key, today)
    return { today, store: versions.store }
  }

  async function boardAt(
    { state }: FoldedMoment,
    atMs: number,
    clientId: string | null,
  ): Promise<Pick<MomentBody, 'board' | 'projection'>> {
    const { today, store } = await planningAt(atMs)
    const led = await lookAhead.lead(today, { atMs, store, observer: state }).catch((error: unknown) => {
      options.onError('the look-ahead of a past moment failed', error)
      return false
    })
    const builder = new BoardBuilder({
      state,
      settings: frozen,
      site,
      planning: today,
      sources: () =>
        [...state.newestBySource()].map(([source, newestMs]) => ({
          source,
          connected: null,
          newestEventMs: Number.isFinite(newestMs) ? newestMs : null,
          rejected: 0,
          staleSinceMs: state.gapSinceMs(source, { nowMs: atMs }),
        })),
      slices: {
        agents: () => [],
        intervals: () => [],
        alerts: () => [],
        ahead: () => [],
        notes: () => [],
        months: () => [],
      },
      clock: { nowMs: () => atMs, speed: 1 },
    })
    const need = { scopes: [{ kind: 'all' as const }], slices: [] }
    return {
      board: builder.board({ clientId, need, agentNames: false }),
      projection: led ? 'look-ahead' : 'formula',
    }
  }

  async function moment(atMs: number, clientId: string | null): Promise<MomentOutcome> {
    const nowMs = data.clock.nowMs()
    const range = await data.ledger.timeRange()
    if (range === null) return { kind: 'outside', detail: 'The ledger is empty.' }
    if (atMs > nowMs) return { kind: 'outside', detail: 'This moment is still to come.' }
    const { zone } = site()
    const earliestMs = dayBounds(zone, siteDayOf(zone, range.firstMs)).startMs
    if (atMs < earliestMs)
      return { kind: 'outside', detail: `The ledger begins at ${new Date(range.firstMs).toISOString()}.` }
    const day = siteDayOf(zone, atMs)
    const { startMs, endMs } = dayBounds(zone, day)
    const close = await data.dayCloses.newestDayClose(day)
    try {
      const { board, projection, eventCount } = await days.at(atMs, async (folded) => ({
        ...(await boardAt(folded, atMs, clientId)),
        eventCount: folded.eventCount,
      }))
      return {
        kind: 'found',
        moment: {
          atMs,
          nowMs,
          zone,
          day,
          dayStartMs: startMs,
          dayEndMs: endMs,
          closedVersion: close?.version ?? null,
          earliestMs,
          eventCount,
          board,
          projection,
          notes: await notes(startMs, endMs, clientId),
        },
      }
    } catch (error) {
      if (error instanceof MomentsBusy) return { kind: 'busy' }
      throw error
    }
  }

  const monthSource = {
    dayCloses: data.dayCloses,
    settings,
    dayCounts: (queueId: string, of: string) => live.dayTotals(queueId, of),
  }
  const months = new MonthBoard({
    ...monthSource,
    today: () => siteDayOf(site().zone, data.clock.nowMs()),
    nowMs: () => performance.now(),
    onChange: options.onChange,
    onError: (error) => options.onError('the month could not be read', error),
  })

  return {
    moment,
    monthRows: ({ view, queueIds }: SliceContext) => months.rows(queueIds, view.clientId),
    async monthToDate(clientId) {
      const day = siteDayOf(site().zone, data.clock.nowMs())
      return { day, rows: await monthToDate(monthSource, day, clientId) }
    },
    close: () => lookAhead.close(),
    /** The set-up changed: moments are folded again under it. */
    settingsChanged(): void {
      frozen = options.frozenSettings()
      books.clear()
    },
  } satisfies MomentPort & {
    settingsChanged(): void
    close(): Promise<void>
    monthRows(context: SliceContext): readonly BoardMonthRow[]
  }
}
