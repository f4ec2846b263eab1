/** Generated boards for looking at pages: every part of a board, as ordinary or as extreme as is asked for. */
import type { AgentState } from '../../server/domain/event.ts'
import type { AheadQueueBody } from '../../server/wire/ahead.ts'
import type { AlertBody, BoardNoteRow } from '../../server/wire/alerts.ts'
import type {
  Board,
  BoardAgentRow,
  BoardIntervalRow,
  BoardLevel,
  BoardQueueRow,
  BoardSlices,
  LevelState,
} from '../../server/wire/board.ts'
import {
  type BoardComposition,
  type BoardTile,
  type ColumnThresholds,
  FIGURE_MEASURES,
  type FigureMeasure,
  TILE_KINDS,
  type TileKind,
} from '../../server/wire/board-composition.ts'
import type { BoardMonthRow } from '../../server/wire/moment.ts'

export const DAY = '2026-11-24'
export const DAY_START_MS = Date.parse(`${DAY}T00:00:00Z`)
export const NOW_MS = DAY_START_MS + 14.5 * 3_600_000

export interface BoardStubOptions {
  readonly queueNames: readonly string[]
  /** Waiting in each queue. */
  readonly waiting?: number
  readonly contactsPerQueue?: number
  readonly agentNames?: readonly string[]
  /** Of clients, sources, reasons and notes. */
  readonly otherNames?: readonly string[]
  readonly theme?: 'dark' | 'light'
}

const STATES: readonly LevelState[] = ['kept', 'limit', 'missed', 'no-calls', 'closed']
const LEVELS: Readonly<Record<LevelState, number | null>> = {
  kept: 0.86,
  limit: 0.78,
  missed: 0.58,
  'no-calls': null,
  closed: null,
}

function levelOf(state: LevelState): BoardLevel {
  const ratio = LEVELS[state]
  return { ratio, numerator: (ratio ?? 0) * 100, denominator: ratio === null ? 0 : 100, state }
}

export function boardOf(options: BoardStubOptions): Board {
  const { queueNames } = options
  const intervals = Array.from({ length: 29 }, (_, index) => {
    const state = STATES[index % 3] ?? 'kept'
    const startMs = DAY_START_MS + index * 1_800_000
    return {
      startMs,
      offered: 40,
      ratio: LEVELS[state],
      state,
      provisional: index === 28,
      revised: index === 7,
    }
  })
  return {
    site: {
      name: 'Lyon',
      zone: 'UTC',
      day: DAY,
      agentsStaffed: 107,
      agentsPlanned: 148,
      agentsOnContact: 60,
      agentsReserved: 4,
      agentsAvailable: 16,
      agentsAfterContactWork: 27,
      agentsNotReady: 35,
      targetRatio: 0.8,
      intervals,
    },
    queues: queueNames.map((name, index) => boardRow(name, index, options)),
    sources: [
      { source: 'switch', connected: true, newestEventMs: NOW_MS - 300, rejected: 0, staleSinceMs: null },
      {
        source: 'crm',
        connected: false,
        newestEventMs: NOW_MS - 4e6,
        rejected: 12,
        staleSinceMs: NOW_MS - 4e6,
      },
    ],
  }
}

function boardRow(
  name: string,
  index: number,
  { waiting = 3, contactsPerQueue = 410 }: BoardStubOptions,
): BoardQueueRow {
  const empty = STATES[index % STATES.length] === 'no-calls'
  const state = STATES[index % STATES.length] ?? 'kept'
  const closed = state === 'closed'
  return {
    queueId: `queue-${index}`,
    name,
    clientId: 'acme',
    clientName: 'Acme',
    open: !closed,
    promise: {
      targetRatio: 0.8,
      answerThresholdSeconds: 20,
      formula: 'SL4',
      shortAbandonSeconds: 5,
      view: 'arrival',
    },
    staleSinceMs: null,
    interval: levelOf(state),
    intervalStartMs: NOW_MS,
    halfHour: levelOf(state),
    today: levelOf(closed ? 'kept' : state),
    intervalCounts: [10, 8, 2, 1, 1, 0, 0],
    halfHourCounts: [90, 80, 10, 4, 2, 0, 0],
    todayCounts: [900, 800, 90, 20, 9, 5, 0],
    offeredToday: empty ? 0 : contactsPerQueue,
    answeredToday: empty ? 0 : contactsPerQueue - 20,
    abandonedToday: empty ? 0 : Math.ceil(contactsPerQueue * 0.03),
    flowedOutToday: 5,
    lostToday: 0,
    answeredWithinThresholdToday: 330,
    abandonedWithinThresholdToday: 2,
    asaSecondsToday: empty ? null : 14,
    ahtSecondsToday: empty ? null : 312,
    handledToday: empty ? 0 : contactsPerQueue,
    waiting: closed || empty ? 0 : waiting,
    waitingPastThreshold: state === 'missed' ? Math.ceil(waiting / 2) : 0,
    longestWaitingSinceMs:
      closed || empty || waiting === 0 ? null : NOW_MS - (state === 'missed' ? 167_000 : 9_000),
    agentsAvailable: 4,
    agentsOnContact: 20,
    agentsReserved: 1,
    agentsAfterContactWork: 5,
    agentsNotReady: 7,
    staffed: 30,
    required: state === 'missed' ? 37 : 29,
    planned: index % 4 === 3 ? null : 31,
    scheduled: null,
    forecastContactsToday: contactsPerQueue * 2,
    forecastContactsSoFar: null,
    missesLeft: state === 'limit' ? -3 : 41,
    dayLost: state === 'missed',
    projectedRatio: closed ? null : 0.812,
    projectedKeepProbability: closed ? null : 0.72,
  }
}

const AGENT_STATES: readonly AgentState[] = [
  'ready',
  'on-contact',
  'on-contact',
  'after-contact-work',
  'not-ready',
  'reserved',
]

/** Every part that a tile may ask for. */
export function slicesOf(options: BoardStubOptions): BoardSlices {
  const { queueNames, agentNames = ['Anna Öhman', 'Bénédicte Tour'], otherNames = ['Acme'] } = options
  const other = (index: number) => otherNames[index % otherNames.length] ?? ''
  return {
    agents: Array.from(
      { length: 40 },
      (_, index): BoardAgentRow => ({
        key: `agent-${index}`,
        name: `${agentNames[index % agentNames.length]} ${index}`,
        teamId: 'one',
        teamName: other(index),
        state: AGENT_STATES[index % AGENT_STATES.length] ?? 'ready',
        reason: AGENT_STATES[index % AGENT_STATES.length] === 'not-ready' ? other(index) : null,
        sinceMs: NOW_MS - 1000 * (index + 1) ** 2,
        queueId:
          AGENT_STATES[index % AGENT_STATES.length] === 'on-contact'
            ? `queue-${index % Math.max(1, queueNames.length)}`
            : null,
        memberQueueIds: queueNames.map((_name, at) => `queue-${at}`),
        contactsToday: index * 7,
      }),
    ),
    intervals: queueNames.flatMap((_, queue) =>
      Array.from({ length: 24 }, (_interval, index) => intervalRow(queue, index, options)),
    ),
    alerts: queueNames.slice(0, 5).map((name, index) => alertOf(name, index)),
    ahead: queueNames.map((name, index) => aheadOf(name, index)),
    notes: [0, 1, 2].map(
      (index): BoardNoteRow => ({
        key: `note-${index}`,
        noteId: `note-${index}`,
        version: 1,
        kind: index === 0 ? 'outage' : 'training',
        fromMs: NOW_MS - (index + 1) * 1_800_000,
        toMs: NOW_MS + (2 - index) * 600_000,
        queueId: index === 1 ? 'queue-0' : null,
        heads: index === 2 ? 3 : null,
        text: `${other(index)} ${other(index + 1)}`,
        author: 'Ada',
        changedAtMs: NOW_MS,
      }),
    ),
    months: queueNames.slice(0, 6).map(
      (_, index): BoardMonthRow => ({
        key: `month-${index}`,
        clientId: `client-${index}`,
        clientName: other(index),
        queueIds: [`queue-${index}`, `queue-${index + 1}`],
        formula: 'SL4',
        targetRatio: 0.8,
        answerThresholdSeconds: 20,
        today: { numerator: index * 100, denominator: index * 117 },
        month: { numerator: 79_000, denominator: 100_000 },
        closedDays: 21,
        fromDay: `${DAY.slice(0, 8)}01`,
      }),
    ),
  }
}

function intervalRow(
  queue: number,
  index: number,
  { contactsPerQueue = 410 }: BoardStubOptions,
): BoardIntervalRow {
  const startMs = DAY_START_MS + (16 + index) * 1_800_000
  const past = startMs <= NOW_MS
  const offered = past ? Math.round(contactsPerQueue / 24) : 0
  return {
    key: `queue-${queue} ${startMs}`,
    queueId: `queue-${queue}`,
    startMs,
    endMs: startMs + 1_800_000,
    open: true,
    offered,
    answered: offered,
    abandoned: 0,
    waiting: 0,
    numerator: Math.round(offered * 0.83),
    denominator: offered,
    targetRatio: 0.8,
    asaSeconds: offered === 0 ? null : 11,
    ahtSeconds: offered === 0 ? null : 312,
    handled: offered,
    forecastContacts: contactsPerQueue / 22,
    required: 12,
    planned: 13,
    scheduled: null,
    staffedMean: past ? 11.5 : null,
    handlingSeconds: past ? 9_000 : null,
    availableSeconds: past ? 3_000 : null,
    provisional: startMs + 1_800_000 > NOW_MS,
    revision: index === 2 ? 2 : 1,
  }
}

function alertOf(name: string, index: number): AlertBody {
  return {
    key: `alert-${index}`,
    alertId: `alert-${index}`,
    version: 1,
    scope: 'site',
    cause: index % 2 === 0 ? 'level' : 'longest-wait',
    queueId: `queue-${index}`,
    subject: name,
    measured: index % 2 === 0 ? 0.42 : 300,
    threshold: index % 2 === 0 ? 0.8 : 120,
    raisedAtMs: NOW_MS - 600_000,
    acknowledgedAtMs: index === 1 ? NOW_MS - 300_000 : null,
    acknowledgedBy: index === 1 ? 'Ada' : null,
    endedAtMs: null,
  }
}

function aheadOf(name: string, index: number): AheadQueueBody {
  const help = (kind: 'add' | 'move', fromQueueId: string | null) => ({
    kind,
    agents: 3,
    fromMs: NOW_MS,
    toMs: NOW_MS + 7_200_000,
    fromQueueId,
    fromQueueChanceBefore: fromQueueId === null ? null : 0.95,
    fromQueueChanceAfter: fromQueueId === null ? null : 0.9,
    noteId: null,
    cost: fromQueueId === null ? 12_345 : 0,
    agentHours: 6,
    ratio: 0.81,
    chanceBefore: 0.4,
    chance: 0.71,
  })
  return {
    key: `queue-${index}`,
    queueId: `queue-${index}`,
    name,
    targetRatio: 0.8,
    computedAtMs: NOW_MS - 60_000,
    met: 80_000,
    counted: 100_000,
    expectedRest: 60_000,
    ratio: 0.782,
    ratioP10: 0.71,
    ratioP90: 0.84,
    chance: 0.4,
    missesLeft: index % 3 === 0 ? -1_200 : 12_000,
    neededRatioOfRest: 0.83,
    lost: index % 3 === 2,
    lostSinceMs: index % 3 === 2 ? NOW_MS - 3_600_000 : null,
    help: [help('add', null), help('move', 'queue-0')],
    inputs: {
      forecastVersion: 7,
      forecastMethod: 'main+intraday',
      planVersion: 2,
      formula: 'SL4',
      answerThresholdSeconds: 20,
      patienceSecondsMean: 300,
      waiting: 5_000,
      busyAgents: 400,
      staffingFactorMean: 0.97,
      staffingFactorCv: 0.05,
      lessonDays: 28,
      paths: 1_000,
      seed: 1,
    },
    intervals: [],
  }
}

const COLUMNS: ColumnThresholds = {
  'level-half-hour': { amberFrom: 0.8, redFrom: 0.75 },
  'level-today': { amberFrom: 0.8, redFrom: 0.75 },
  waiting: { amberFrom: 1, redFrom: 10 },
  'longest-wait': { amberFrom: 5, redFrom: 60 },
  free: { amberFrom: 5, redFrom: 2 },
  'heads-missing': { amberFrom: 1, redFrom: 5 },
  'projected-level': { amberFrom: 0.85, redFrom: 0.8 },
  'misses-left': { amberFrom: 50, redFrom: 10 },
}

/** `figures`: every measure, small and large, with thresholds and without. `kinds`: every other kind of tile. */
export function compositionOf(boardId: string, theme: 'dark' | 'light'): BoardComposition {
  const tile = (id: string, kind: TileKind, part: Partial<BoardTile>): BoardTile => ({
    id,
    kind,
    measure: null,
    title: '',
    scope: { kind: 'all' },
    thresholds: null,
    columns: 4,
    rows: 4,
    ...part,
  })
  const measures = Object.keys(FIGURE_MEASURES) as FigureMeasure[]
  const tiles =
    boardId === 'figures'
      ? measures.map((measure, index) => {
          const size = index % 3 === 0 ? { columns: 3, rows: 3 } : { columns: 2, rows: 2 }
          const thresholds = index % 2 === 0 ? { amberFrom: 5, redFrom: 10 } : null
          return tile(`figure-${index}`, 'figure', { measure, thresholds, ...size })
        })
      : (Object.keys(TILE_KINDS) as TileKind[])
          .filter((kind) => kind !== 'figure')
          .map((kind) =>
            tile(kind, kind, kind === 'queues' ? { columns: 12, columnThresholds: COLUMNS } : {}),
          )
  const scoped = tile('scoped', boardId === 'figures' ? 'figure' : 'coverage', {
    measure: boardId === 'figures' ? 'arrivals' : null,
    scope: { kind: 'queues', queueIds: ['queue-1', 'queue-2', 'queue-of-yesterday'] },
  })
  return {
    name: 'Composed',
    theme,
    locale: null,
    size: 'room',
    rotationSeconds: 0,
    namesOnLinks: false,
    pages: [{ id: 'one', title: '', tiles: [...tiles, scoped] }],
  }
}
