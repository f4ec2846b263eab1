/** The built pages with an API of generated bodies behind them: for looking at pages, where no real figure is needed. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { serviceLevelRatios } from '../../server/domain/service-level.ts'
import { ALWAYS_OPEN, DEFAULT_SITE } from '../../server/domain/settings.ts'
import type { PeriodFigures } from '../../server/state/figures.ts'
import { type AlertThresholdsBody, DEFAULT_ALERT_THRESHOLDS } from '../../server/wire/alerts.ts'
import type { MeBody, PlanDayBody, PlanInterval, SettingBody } from '../../server/wire/api.ts'
import type { ServerMessage } from '../../server/wire/board.ts'
import type { AgentNowBody, RevisionBody } from '../../server/wire/figures.ts'
import type { MomentBody } from '../../server/wire/moment.ts'
import {
  type BoardStubOptions,
  boardOf,
  compositionOf,
  DAY,
  DAY_START_MS,
  NOW_MS,
  slicesOf,
} from './board-stub.ts'
import { forecastAnswer } from './forecast-stub.ts'

const DIST = resolve(process.env.VIGIE_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url)))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}
/** The page's own: another one would make it load itself anew. */
const { version: VERSION } = createRequire(import.meta.url)('../../package.json') as {
  readonly version: string
}

export interface StubOptions extends BoardStubOptions {
  /** Null: nobody is signed in. */
  readonly role: MeBody['role'] | null
}

export interface PageStub {
  readonly url: string
  /** What comes next is answered by these. */
  use(options: StubOptions): void
  stop(): Promise<void>
}

export async function startPageStub(first: StubOptions): Promise<PageStub> {
  let options = first
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub')
    const json = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (pathname.startsWith('/api/v1')) {
      if (options.role === null)
        return json(401, { type: '/problems/not-signed-in', title: 'x', status: 401 })
      const path = pathname.slice('/api/v1'.length)
      const place = { today: DAY, nowMs: NOW_MS, queueNames: options.queueNames }
      const body = forecastAnswer(path, searchParams, place) ?? answer(path, options)
      return body === undefined
        ? json(404, { type: '/problems/not-found', title: 'x', status: 404 })
        : json(200, body)
    }
    const file = pathname === '/' ? 'index.html' : normalize(pathname)
    readFile(join(DIST, 'web', file)).then(
      (content) =>
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(content),
      () => response.writeHead(404).end(),
    )
  })
  const sockets = new WebSocketServer({ server, path: '/api/v1/live' })
  sockets.on('connection', (socket, { url = '' }) => {
    const boardId = new URL(url, 'http://stub').searchParams.get('board')
    const send = (message: ServerMessage) => socket.send(JSON.stringify(message))
    send({
      type: 'hello',
      protocol: 1,
      version: VERSION,
      heartbeatMs: 1000,
      staleAfterMs: 3000,
      nowMs: NOW_MS,
      clockSpeed: 1,
    })
    if (boardId !== null) {
      const body = compositionOf(boardId, options.theme ?? 'dark')
      send({ type: 'composition', boardId, version: 1, nowMs: NOW_MS, body })
    }
    const board = { ...boardOf(options), slices: slicesOf(options) }
    send({ type: 'snapshot', seq: 1, nowMs: NOW_MS, board })
    const beat = setInterval(() => send({ type: 'heartbeat', seq: 1, nowMs: NOW_MS }), 1000)
    socket.on('close', () => clearInterval(beat))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    use(next) {
      options = next
    },
    async stop() {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function answer(path: string, options: StubOptions): unknown {
  if (path === '/me') return meOf(options)
  if (path === '/reports/day') return reportOf(options)
  if (/^\/queues\/[^/]+\/revisions$/.test(path)) return revisionsOf()
  if (/^\/agents\/[^/]+\/day$/.test(path)) return agentDayOf()
  if (path === '/notes') return slicesOf(options).notes
  if (path.startsWith('/moments/')) return momentOf(options)
  if (path === '/month-to-date') return { day: DAY, rows: slicesOf(options).months }
  if (path === '/ring-back/rights')
    return { userIds: [], views: [{ name: 'Ada', atMs: NOW_MS, count: 3 }], hasOlderViews: true }
  if (path === '/boards') return []
  if (path === '/alerts') return { nowMs: NOW_MS, open: [], ended: [] }
  if (path.startsWith('/alert-thresholds/'))
    return {
      scope: 'site',
      version: 0,
      changedAtMs: null,
      changedBy: null,
      body: DEFAULT_ALERT_THRESHOLDS,
    } satisfies AlertThresholdsBody
  if (path.startsWith('/schedules/'))
    return {
      version: 1,
      author: 'Ada',
      createdAtMs: NOW_MS,
      segments: [{ agentId: 'anna', activity: 'on-queue', startMs: NOW_MS, endMs: NOW_MS + 3_600_000 }],
    }
  if (path === '/sources') return [sourceState()]
  if (path === '/users')
    return [{ id: 'u', name: 'Ada', role: 'director', clientId: null, createdAtMs: NOW_MS }]
  if (path === '/tokens')
    return [{ id: 't', name: 'pbx', role: 'ingest', createdAtMs: NOW_MS, lastUsedAtMs: null }]
  if (path.startsWith('/plans/')) return planOf(options)
  if (path.endsWith('/contacts')) return contactsOf()
  if (path.startsWith('/contacts/')) return eventsOf()
  if (path.endsWith('/history')) return settingsOf('queue', options).slice(0, 1)
  if (path.startsWith('/settings/queue/'))
    return settingsOf('queue', options).find(({ id }) => path.endsWith(id))
  const kind = /^\/settings\/([a-z]+)$/.exec(path)?.[1]
  return kind === undefined ? undefined : settingsOf(kind, options)
}

function momentOf(options: StubOptions): MomentBody {
  return {
    atMs: NOW_MS - 3_600_000,
    nowMs: NOW_MS,
    zone: 'UTC',
    day: DAY,
    dayStartMs: DAY_START_MS,
    dayEndMs: DAY_START_MS + 86_400_000,
    closedVersion: 2,
    earliestMs: DAY_START_MS - 30 * 86_400_000,
    eventCount: 12_345,
    board: boardOf(options),
    projection: 'look-ahead',
    notes: slicesOf(options).notes ?? [],
  }
}

function meOf({ role }: StubOptions): MeBody {
  return {
    name: 'Ada',
    role: role ?? 'supervisor',
    clientId: role === 'client' ? 'acme' : null,
    siteName: 'Lyon',
    zone: 'UTC',
    currency: 'EUR',
    nowMs: NOW_MS,
    clockSpeed: 1,
    version: 'stub',
  }
}

function figures(offered: number): PeriodFigures {
  const counts = {
    offered,
    answered: offered - 9,
    abandoned: 6,
    flowedOut: 2,
    lost: 1,
    waiting: 0,
    answeredWithinThreshold: Math.round(offered * 0.8),
    abandonedWithinThreshold: 2,
    shortAbandons: 1,
    callbacksWithinThreshold: 0,
  }
  return {
    ...counts,
    serviceLevelRatios: serviceLevelRatios(counts),
    asaSeconds: 12.5,
    asaAllSeconds: 13.1,
    waitSecondsMax: 164,
    waitSecondsP50: 4,
    waitSecondsP80: 17,
    waitSecondsP90: 31,
    waitSecondsP95: 58,
    waitSecondsP99: 121,
    asaEndlessPatienceSeconds: 13.4,
    handled: offered - 9,
    talkSecondsMean: 240,
    ahtSeconds: 290,
    transfers: 1,
  }
}

/** Of the interval that the report has as revised. */
function revisionsOf(): readonly RevisionBody[] {
  const start = new Date(DAY_START_MS + 19 * 1_800_000).toISOString().replace('.000Z', '+00:00')
  const changes = {
    offered: [22, 23],
    abandoned: [5, 6],
    waitAllMs: [291_400, 294_600],
    waitMsMax: [null, 164_000],
  } as const
  return [
    { start, revision: 2, revisedAtMs: NOW_MS - 600_000, changes },
    { start, revision: 3, revisedAtMs: NOW_MS, changes: null },
  ]
}

function reportOf({ queueNames, role }: StubOptions) {
  const starts = Array.from({ length: 20 }, (_, index) =>
    new Date(DAY_START_MS + (16 + index) * 1_800_000).toISOString().replace('.000Z', '+00:00'),
  )
  return {
    date: DAY,
    definitionsVersion: 1,
    queues: queueNames.map((name, index) => ({
      queue: `queue-${index}`,
      name,
      answerThresholdSeconds: 20,
      shortAbandonSeconds: 5,
      ...figures(400),
      intervals: starts.map((start, at) => ({
        start,
        ...figures(20 + at),
        provisional: at > 17,
        revision: at === 3 ? 3 : 1,
      })),
      ...(role === 'client'
        ? {}
        : {
            agents: [
              {
                agent: 'anna',
                answered: 40,
                talkSeconds: 9_000,
                ringNoAnswer: 1,
                loggedInSeconds: 28_000,
                notReadySeconds: 2_000,
              },
            ],
          }),
    })),
    ...(role === 'client'
      ? {}
      : {
          agents: ['Anna Öhman', 'Bénédicte-Charlotte de la Tour du Pin'].map((name, index) => ({
            agent: `agent-${index}`,
            name,
            team: null,
            contacts: 40 + index,
            talkSeconds: 9_000,
            holdSeconds: 300,
            acwSeconds: 1_200,
            ringNoAnswer: index,
            loggedInSeconds: 28_000,
            readySeconds: 12_000,
            ringingSeconds: 180,
            notReadySeconds: 4_000,
            notReadyByReason: { lunch: 2_700, '': 1_300 },
            handlingSeconds: 10_500,
            occupancyRatio: 0.467,
            scheduledSeconds: 28_800,
            adherenceRatio: 0.93,
            conformanceRatio: 1.02,
          })),
        }),
    clients: [
      {
        client: 'acme',
        name: 'Acme',
        formula: 'SL4',
        view: 'arrival',
        target: 0.8,
        answerThresholdSeconds: 20,
        serviceLevelRatio: 0.807,
        intervalsMetRatio: 0.7,
        queues: queueNames.map((_, index) => `queue-${index}`),
        ...figures(800),
      },
    ],
  }
}

/** A morning: ready, calls with work after them, a lunch. */
function agentDayOf() {
  const states = ['ready', 'reserved', 'on-contact', 'after-contact-work', 'ready', 'not-ready'] as const
  const now: AgentNowBody = {
    state: 'on-contact',
    sinceMs: NOW_MS - 192_000,
    reason: null,
    queueId: 'queue-0',
    memberQueueIds: ['queue-0', 'queue-1'],
    set: { state: 'not-ready', reason: 'lunch' },
    notReadyPending: true,
    ringNoAnswerStreak: 2,
  }
  return {
    agent: 'agent-0',
    name: 'Anna Öhman',
    date: DAY,
    now,
    figures: null,
    segments: Array.from({ length: 18 }, (_, index) => ({
      fromMs: DAY_START_MS + (480 + index * 15) * 60_000,
      toMs: DAY_START_MS + (495 + index * 15) * 60_000,
      state: states[index % states.length],
      reason: index % states.length === 5 ? 'lunch' : null,
      queueId: [1, 2].includes(index % states.length) ? 'queue-0' : null,
      contactId: null,
    })),
    schedule: [],
  }
}

function planOf({ queueNames }: StubOptions): PlanDayBody {
  const intervals = Array.from({ length: 48 }, (_, index): PlanInterval => {
    const open = index >= 16 && index < 40
    const contactsMean = open ? 60 + 50 * Math.sin((index - 16) / 4) : 0
    return {
      startMs: DAY_START_MS + index * 1_800_000,
      label: `${String(index >> 1).padStart(2, '0')}:${index % 2 === 0 ? '00' : '30'}`,
      open,
      contactsMean,
      contactsP10: contactsMean * 0.85,
      contactsP90: contactsMean * 1.15,
      ahtSeconds: 240,
      rateCv: 0.09,
      actualContacts: open && index < 29 ? Math.round(contactsMean * 1.05) : null,
      required: Math.ceil(contactsMean / 6),
      agents: open ? Math.ceil(contactsMean / 6.5) : 0,
    }
  })
  return {
    queueId: 'queue-0',
    queueName: queueNames[0] ?? '',
    day: DAY,
    zone: 'UTC',
    intervalMinutes: 30,
    promise: { targetRatio: 0.8, answerThresholdSeconds: 20, formula: 'SL4', shortAbandonSeconds: 5 },
    patienceSecondsMean: 300,
    shrinkageRatio: 0.3,
    costPerAgentHour: 28,
    currency: 'EUR',
    forecast: {
      version: 7,
      method: 'main+intraday',
      author: 'vigie',
      createdAtMs: NOW_MS - 700_000,
      dayMean: 1440,
      dayP10: 1300,
      dayP90: 1600,
      historyDays: 42,
      poissonFloorWape: 0.1,
      notes: ['short-history', 'level-change'],
    },
    intervals,
    plan: {
      version: 2,
      state: 'draft',
      author: 'Ada',
      createdAtMs: NOW_MS,
      forecastVersion: 7,
      agents: intervals.map((one) => one.agents ?? 0),
    },
    nowMs: NOW_MS,
  }
}

function contactsOf() {
  return (['answered', 'abandoned', 'left', 'lost', 'waiting'] as const).map((outcome, index) => ({
    contactId: `call-${index}`,
    arrivedAtMs: DAY_START_MS + 9e6 + index * 60_000,
    outcome,
    waitSeconds: index < 3 ? 4.2 + index : null,
    talkSeconds: index === 0 ? 190 : null,
    leftReason: outcome === 'left' ? 'callback' : null,
    agent: index === 0 ? 'anna' : null,
    agents: index === 0 ? ['anna'] : [],
  }))
}

function eventsOf() {
  return ['cc.contact.queued.v1', 'cc.contact.answered.v1'].map((type, index) => ({
    id: `${index}`,
    source: 'switch',
    type,
    occurredAtMs: NOW_MS + index * 4_000,
    receivedAtMs: NOW_MS + index * 4_000 + 120,
    timeAssumed: index === 1,
    data: { contactId: 'call-0', queueId: 'queue-0', callerNumber: '••••••••••78' },
  }))
}

function sourceState() {
  return {
    source: 'switch',
    adapter: 'socket-io',
    connected: true,
    detail: null,
    said: null,
    accepted: 4_000,
    duplicates: 3,
    conflicts: 0,
    rejected: 1,
    unknownVerbs: { DID: 4 },
    newestEventMs: NOW_MS,
    newestReceivedMs: NOW_MS,
    settingId: 'switch',
    eventsPerSecond: 3.4,
    lagMs: 640,
    clockOffsetMs: -2_400,
    aheadCount: 12,
    clockJumps: 1,
    sequenceHoles: 0,
    gaps: [{ atMs: NOW_MS, reason: 'clock', detail: 'the clock is ahead by 60 s', params: { ahead: 60 } }],
    deadLetters: [
      { place: '/data/queueId', reason: 'is missing', excerpt: '{"id":"1"}', receivedAtMs: NOW_MS },
    ],
  }
}

function settingsOf(kind: string, { queueNames }: StubOptions): readonly SettingBody[] {
  const made = (id: string, body: object) =>
    ({ kind, id, version: 1, changedAtMs: NOW_MS, changedBy: 'Ada', body }) as unknown as SettingBody
  switch (kind) {
    case 'site':
      return [made('site', { ...DEFAULT_SITE, name: 'Lyon' })]
    case 'queue':
      return queueNames.map((name, index) =>
        made(`queue-${index}`, {
          name,
          clientId: 'acme',
          zone: 'UTC',
          intervalMinutes: 30,
          openingHours: ALWAYS_OPEN,
          patienceSecondsMean: 300,
          unconfirmed: index === 1,
        }),
      )
    case 'client':
      return [made('acme', { name: 'Acme' })]
    case 'promise':
      return [
        made('p', {
          clientId: 'acme',
          queueIds: [],
          targetRatio: 0.8,
          answerThresholdSeconds: 20,
          shortAbandonSeconds: 5,
          formula: 'SL4',
          effectiveFrom: '2026-01-01',
        }),
      ]
    case 'team':
      return [made('one', { name: 'One' })]
    case 'agent':
      return [made('anna', { name: 'Anna', teamId: 'one', unconfirmed: true })]
    case 'source':
      return [made('switch', { adapter: 'socket-io', url: 'http://127.0.0.1:9', options: {}, enabled: true })]
    default:
      return []
  }
}
