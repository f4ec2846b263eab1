/** The composition root of the server: opens the data, folds it, wires planning, push and HTTP, listens, and stops in order. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './build-app.ts'
import { openControlSocket } from './cli/control-socket.ts'
import { createContactPort } from './contact-port.ts'
import { type DataLocation, type DataServices, openDataServices } from './data-services.ts'
import { createDayReports } from './day-reports.ts'
import type { Clock } from './domain/clock.ts'
import { createFiguresService } from './figures-service.ts'
import { boundHeapGrowth } from './heap-growth.ts'
import { createIntervalSettling, readAfterWriting } from './interval-settling.ts'
import { LateCloses } from './late-closes.ts'
import { LedgerHousekeeping } from './ledger-housekeeping.ts'
import { LiveLedger } from './live-ledger.ts'
import { createMomentServices } from './moment-services.ts'
import { tokenProblems, userProblems } from './people/people-service.ts'
import { newSecret } from './people/secrets.ts'
import { createScheduleService } from './planning/schedules.ts'
import { createPlanningServices } from './planning-services.ts'
import { BoardBuilder } from './push/board-builder.ts'
import { createBoardSlices } from './push/board-slices.ts'
import { isOfClient } from './push/board-view.ts'
import { LiveHub } from './push/live-hub.ts'
import { createRingBackServices } from './ring-back-services.ts'
import { frozenSettingsView, liveSettingsView, planningSettings } from './settings-view.ts'
import { SourceFeeds } from './source-feeds.ts'
import { TouchedDays } from './touched-days.ts'
import { aheadRows, createWatchServices } from './watch-services.ts'
import { WHOLE_BOARD } from './wire/board-composition.ts'

export interface ServerConfig {
  readonly host: string
  readonly port: number
  readonly location: DataLocation
  readonly clock: Clock
  readonly trustProxy: boolean
  readonly migrate: boolean
  readonly version: string
  /** Secret of a configured feed: settings hold none. */
  readonly sourceSecret: (sourceId: string) => string | undefined
  readonly log: (line: string) => void
  /** Sign-ins from one address per minute; more than the default only for tests. */
  readonly signInsPerMinuteMax?: number
}

export interface RunningServer {
  readonly url: string
  /** For tests that speak to it without a socket. */
  readonly app: FastifyInstance
  readonly data: DataServices
  readonly planning: ReturnType<typeof createPlanningServices>
  stop(): Promise<void>
}

/** The built page, from the sources (server/) as from the build (dist/). */
const WEB_DIR = fileURLToPath(new URL('../dist/web', import.meta.url))
const HOUSEKEEPING_MS = 10_000
/** A figure that was final and changes says so within this time. */
const SETTLE_MS = 2_000
/** Sessions run out, and another process may end one. */
const RIGHTS_CHECK_MS = 25_000
/** Settings change in bursts when a feed brings new queues: the figures are counted again once for all. */
const RECOUNT_MS = 150
const RANDOM_STEPS = 2 ** 47

export async function startServer(config: ServerConfig): Promise<RunningServer> {
  boundHeapGrowth()
  let hasFailed = false
  // What is under way when a start fails ends with it: the failure is said, not what comes of it.
  const onError = (message: string, error: unknown) => {
    if (!hasFailed) config.log(`vigie: ${message}: ${messageOf(error)}`)
  }
  const data = await openDataServices({
    location: config.location,
    role: 'server',
    migrate: config.migrate,
    clock: config.clock,
    log: onError,
  })
  try {
    return await startOn(data, config, onError)
  } catch (error) {
    hasFailed = true
    await data.database.close()
    throw error
  }
}

async function startOn(
  data: DataServices,
  config: ServerConfig,
  onError: (message: string, error: unknown) => void,
): Promise<RunningServer> {
  const { clock } = config
  const { settings, ledger, people, ingest, boards: composedBoards, boardLinks } = data
  const view = liveSettingsView(settings)
  const boardListeners = new Set<() => void>()
  const boardChanged = () => {
    for (const listener of boardListeners) listener()
  }
  const live = new LiveLedger({
    ledger,
    settings: frozenSettingsView(settings),
    siteZone: () => settings.site().zone,
    nowMs: () => clock.nowMs(),
    onApplied: boardChanged,
    onError,
  })
  await live.rebuild()
  const readFigures = readAfterWriting(data.figures, () => settling.idle())
  const reports = createDayReports({
    ledger,
    dayCloses: data.dayCloses,
    figures: readFigures,
    nowMs: () => data.clock.nowMs(),
    settings: view,
    site: () => settings.site(),
    notes: (fromMs, toMs, clientId) => watch.notes.notes(fromMs, toMs, clientId),
    liveDay: (day) => (live.holds(day) ? live.state : undefined),
  })
  const watch = await createWatchServices({
    data,
    settings: view,
    isBoard: (boardId) => (composedBoards.find(boardId)?.body ?? null) !== null,
    onChange: boardChanged,
    onError,
  })
  const settling = await createIntervalSettling({
    state: live.state,
    settings: view,
    store: data.figures,
    nowMs: () => clock.nowMs(),
    onError,
  })
  settling.tick()
  const schedules = createScheduleService({
    store: data.figures,
    zone: () => settings.site().zone,
    nowMs: () => clock.nowMs(),
    onChange: () => refreshSchedule(),
  })
  const planning = createPlanningServices({
    data,
    settings: view,
    reports,
    observer: live.state,
    trainings: watch.trainings,
    onError,
  })
  const moments = createMomentServices({
    data,
    settings: view,
    frozenSettings: () => frozenSettingsView(settings),
    planningSettings: planningSettings(settings, view),
    site: () => settings.site(),
    live: live.state,
    notes: (fromMs, toMs, clientId) => watch.notes.notes(fromMs, toMs, clientId),
    onChange: boardChanged,
    onError,
  })
  const late = new LateCloses({
    ledger,
    cursor: data.closeCursor,
    touched: new TouchedDays(view, clock),
    closeAgain: (days) => planning.closeAgain(days),
  })
  const caughtUp = late
    .catchUp()
    .catch((error: unknown) => onError('late events of closed days could not be read', error))
  const feeds = new SourceFeeds({
    data,
    state: live.state,
    secretOf: config.sourceSecret,
    onChange: boardChanged,
    onError,
  })
  const figures = createFiguresService({
    live: live.state,
    folded: reports.folded,
    settings: view,
    clock,
    schedules,
    store: readFigures,
    teamName: (teamId) => settings.get('team', teamId)?.name ?? null,
    columns: (queueId) => planning.today.columns(queueId),
  })
  const refreshSchedule = () =>
    void figures.refreshSchedule().catch((error: unknown) => onError('the schedule could not be read', error))
  refreshSchedule()
  const boards = new BoardBuilder({
    state: live.state,
    settings: view,
    site: () => settings.site(),
    planning: planning.today,
    sources: () => feeds.boardSources(),
    settled: settling.settled,
    slices: createBoardSlices({
      state: live.state,
      settings: view,
      teamName: (teamId) => settings.get('team', teamId)?.name ?? null,
      columns: (queueId) => figures.withSchedule(queueId, planning.today.columns(queueId)),
      settled: settling.settled,
      keySalt: newSecret(),
      alerts: watch.alertRows,
      ahead: (context) => aheadRows(planning.lookAhead.body, context),
      notes: watch.noteRows,
      months: moments.monthRows,
    }),
    clock,
  })
  const hub = new LiveHub({
    source: {
      board: (asked) => boards.board(asked),
      onChange(listener) {
        boardListeners.add(listener)
        return () => boardListeners.delete(listener)
      },
    },
    boards: {
      find(boardId, clientId) {
        const found = composedBoards.find(boardId)
        const isHidden =
          clientId !== null &&
          found?.body != null &&
          !isOfClient(found.body, clientId, (queueId) => view.queue(queueId).clientId)
        return isHidden ? undefined : found
      },
    },
    version: config.version,
    clock,
    random: () => randomInt(RANDOM_STEPS) / RANDOM_STEPS,
    timers: {
      nowMs: () => Date.now(),
      after(delayMs, run) {
        const timer = setTimeout(run, delayMs)
        return () => clearTimeout(timer)
      },
    },
  })
  people.onRightsEnded((ended) =>
    hub.endRights(
      ended.kind === 'user'
        ? { userId: ended.userId }
        : { credentialKey: ended.kind === 'session' ? ended.secretHash : ended.tokenId },
    ),
  )
  composedBoards.onChange((boardId) => hub.boardChanged(boardId))
  boardLinks.onRevoked((linkId) => hub.endRights({ linkId }))
  const followLedger = data.database.kind === 'postgres'
  ingest.onAccepted((events) => {
    if (followLedger) live.applyAppended(events)
    else live.applyOwn(events)
    late.note(events)
  })
  planning.today.onChange(boardChanged)
  const lookAgain = () =>
    void planning.lookAhead.again().catch((error: unknown) => onError('the look-ahead failed', error))
  planning.lookAhead.onPaths(boardChanged)
  watch.onNotes(lookAgain)
  const recount = debounced(RECOUNT_MS, () => {
    live
      .useSettings(frozenSettingsView(settings))
      .catch((error: unknown) => onError('the ledger could not be folded again', error))
    planning.refreshToday()
    planning.followSettings()
    moments.settingsChanged()
    boardChanged()
  })
  settings.onChange(recount.call)
  settings.onChange(reports.settingsChanged)

  const app = await buildApp({
    clock,
    version: config.version,
    people: {
      ...people,
      userProblems: (user) => userProblems(user, new Set(settings.entries('client').map(({ id }) => id))),
      tokenProblems,
    },
    settings,
    site: () => settings.site(),
    ingest,
    feeds,
    reports,
    contacts: createContactPort(reports, view, ledger),
    ringBack: createRingBackServices({ data, reports, settings: view, log: config.log }),
    figures,
    planning: planning.plans,
    forecasts: planning.forecastService,
    sources: feeds,
    live: hub,
    ahead: { lookAhead: planning.lookAhead, isQueue: (queueId) => view.queueIds().includes(queueId) },
    watch: { ...watch, site: () => settings.site(), nowMs: () => clock.nowMs() },
    moments,
    boards: composedBoards,
    boardLinks,
    metrics: {
      viewerCount: () => hub.viewerCount,
      framesSent: () => hub.framesSent,
      framesSkipped: () => hub.framesSkipped,
      pendingEvents: () => ingest.pendingEvents(),
      refusedRequests: () => ingest.refusedRequests(),
    },
    checkReady: async () => {
      await ledger.recordDeadLetters([])
      await ledger.lastIngestSeq()
    },
    webDir: WEB_DIR,
    trustProxy: config.trustProxy,
    onFault: (error) => onError('a request failed', error),
    ...(config.signInsPerMinuteMax === undefined ? {} : { signInsPerMinuteMax: config.signInsPerMinuteMax }),
  })
  await listen(app, config)
  const url = urlOf(config, app.server.address())
  const control = followLedger ? undefined : await openControlSocket(data, url)
  feeds.start()
  if (followLedger) live.startFollowing()
  const tick = planning.startTick()
  const watching = watch.startWatching(() =>
    boards.board({ clientId: null, need: WHOLE_BOARD, agentNames: false }),
  )
  const settle = setInterval(settling.tick, SETTLE_MS)
  const closeTouchedAgain = async () => {
    await caughtUp
    await late.run()
  }
  let closing = Promise.resolve()
  const housekeeping = setInterval(() => {
    live.forgetOld()
    settling.forgetOld()
    refreshSchedule()
    closing = closeTouchedAgain().catch((error: unknown) =>
      onError('a corrected day could not be closed again', error),
    )
    if (followLedger) {
      settings.refresh().catch((error: unknown) => onError('settings', error))
      composedBoards.refresh().catch((error: unknown) => onError('boards', error))
    }
  }, HOUSEKEEPING_MS)
  const ledgerKeeping = new LedgerHousekeeping({
    ledger,
    site: () => settings.site(),
    nowMs: () => clock.nowMs(),
    log: config.log,
    onError,
  })
  ledgerKeeping.start()
  const rightsCheck = setInterval(() => {
    hub
      .recheck(async ({ credentialKey, linkId }) =>
        linkId === null ? people.stillValid(credentialKey) : boardLinks.stillValid(credentialKey),
      )
      .catch((error: unknown) => onError('rights could not be checked again', error))
  }, RIGHTS_CHECK_MS)

  return {
    url,
    app,
    data,
    planning,
    /** In this order: nobody new, viewers and feeds go, what was taken is written, then the database closes. */
    async stop() {
      clearInterval(housekeeping)
      clearInterval(settle)
      clearInterval(rightsCheck)
      await ledgerKeeping.stop()
      watching.stop()
      recount.cancel()
      await feeds.stop()
      await control?.close()
      hub.close()
      await ingest.drain()
      await app.close()
      await tick.stop()
      await planning.lookAhead.close()
      await moments.close()
      await planning.today.idle()
      await live.stop()
      await caughtUp
      await closing
      settling.tick()
      await settling.idle()
      await ingest.drain()
      await data.database.close()
    },
  }
}

async function listen(
  app: Awaited<ReturnType<typeof buildApp>>,
  { host, port }: ServerConfig,
): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    throw listenFault(error, { host, port })
  }
}

/** Fails as the server would if it listened there now: for what is long to prepare. */
export async function checkAddress(address: Pick<ServerConfig, 'host' | 'port'>): Promise<void> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error) => reject(listenFault(error, address)))
    probe.listen(address, resolve)
  })
  await new Promise((resolve) => probe.close(resolve))
}

function listenFault(error: unknown, { host, port }: Pick<ServerConfig, 'host' | 'port'>): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') return new Error(`port ${port} of ${host} is taken: choose another with --port`)
  if (code === 'EACCES') return new Error(`port ${port} of ${host} may not be used by this user`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new Error(`${host} is not an address of this machine`)
  return error
}

function urlOf({ host }: ServerConfig, address: { readonly port: number } | string | null): string {
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}

function debounced(delayMs: number, run: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    call() {
      timer ??= setTimeout(() => {
        timer = undefined
        run()
      }, delayMs)
    },
    cancel: () => clearTimeout(timer),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
