/** The SQL of each repository method, as it goes to the database: a committed snapshot, so that a change is seen in review. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  CompiledQuery as Query,
  type QueryResult,
} from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAlertStore, createNoteStore } from '../../server/db/alert-store.ts'
import { createBoardLinkStore, createBoardStore } from '../../server/db/board-store.ts'
import { createCloseCursor } from '../../server/db/close-cursor.ts'
import { createDayCloseStore } from '../../server/db/day-close-store.ts'
import { createFigureStore } from '../../server/db/figure-store.ts'
import { createLedgerStore } from '../../server/db/ledger-store.ts'
import { type Database, openDatabase } from '../../server/db/open-database.ts'
import { createPeopleStore } from '../../server/db/people-store.ts'
import { createPlanningStore } from '../../server/db/planning-store.ts'
import { createRingBackStore } from '../../server/db/ring-back-store.ts'
import type { Schema } from '../../server/db/schema.ts'
import { createSettingsStore } from '../../server/db/settings-store.ts'
import { type DatabaseHost, startEmbeddedHost } from '../support/databases.ts'
import { collect, LEDGER_DAY_MS, ledgerEvent } from '../support/ledger-events.ts'

let host: DatabaseHost
let real: Database
let recorded: string[] = []
let recording: Database

beforeAll(async () => {
  host = await startEmbeddedHost()
  real = await openDatabase(await host.createLocation())
  recording = recorder(real, (sql) => recorded.push(sql))
})
afterAll(async () => {
  await real.close()
  await host.stop()
})

/** Passes each query on to the real database, outside any transaction. */
function recorder(target: Database, record: (sql: string) => void): Database {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      record(query.sql)
      return target.kysely.executeQuery<R>(Query.raw(query.sql, [...query.parameters]))
    },
    streamQuery() {
      throw new Error('not used')
    },
  }
  const kysely = new Kysely<Schema>({
    dialect: {
      createDriver: () => ({
        async init() {},
        acquireConnection: async () => connection,
        beginTransaction: async () => record('begin'),
        commitTransaction: async () => record('commit'),
        rollbackTransaction: async () => record('rollback'),
        async releaseConnection() {},
        async destroy() {},
      }),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db) => new PostgresIntrospector(db),
    },
  })
  return { kysely, kind: 'embedded', close: async () => undefined }
}

type Call = () => Promise<unknown>

function snapshot(name: string, calls: () => Readonly<Record<string, Call>>): void {
  it(name, async () => {
    const parts: string[] = []
    for (const [method, call] of Object.entries(calls())) {
      recorded = []
      await call()
      const statements = recorded.map((sql) => `${sql.trim().replace(/\n\s+/g, '\n  ')};`)
      parts.push(`-- ${method}\n${statements.join('\n')}\n`)
    }
    await expect(parts.join('\n')).toMatchFileSnapshot(`compiled-sql/${name}.sql`)
  })
}

describe('compiled SQL', () => {
  snapshot('ledger-store', () => {
    const store = createLedgerStore(recording)
    const letter = { source: 's', receivedAtMs: LEDGER_DAY_MS, place: 'p', reason: 'r', excerpt: 'e' }
    const total = {
      queueId: 'q',
      source: 's',
      startMs: 0,
      intervalMinutes: 30,
      contacts: 1,
      handled: 1,
      handleSeconds: 1,
    }
    return {
      append: () => store.append([ledgerEvent('1')]),
      'append, known before': () => store.append([ledgerEvent('1')]),
      readAfter: () => store.readAfter(0, 10),
      readContactEvents: () => collect(store.readContactEvents(0, LEDGER_DAY_MS)),
      readAgentEvents: () => collect(store.readAgentEvents(LEDGER_DAY_MS)),
      readContact: () => store.readContact('c'),
      lastIngestSeq: () => store.lastIngestSeq(),
      timeRange: () => store.timeRange(),
      recordDeadLetters: () => store.recordDeadLetters([letter]),
      'deadLetters of one source': () => store.deadLetters('s', 10),
      'deadLetters of all': () => store.deadLetters(null, 10),
      recordUnknownVerbs: () => store.recordUnknownVerbs('s', { V: 1 }),
      sourceStatuses: () => store.sourceStatuses(),
      putIntervalTotals: () => store.putIntervalTotals([total]),
      intervalTotals: () => store.intervalTotals('q', 0, 1),
    }
  })

  snapshot('settings-store', () => {
    const store = createSettingsStore(recording)
    const body = { name: 'Team' }
    return {
      current: () => store.current(),
      history: () => store.history('team', 't'),
      put: () => store.put({ kind: 'team', id: 't', baseVersion: 0, changedAtMs: 0, changedBy: 'a', body }),
      createMissing: () =>
        store.createMissing([{ kind: 'team', id: 't', body }], { changedAtMs: 0, changedBy: 'a' }),
    }
  })

  snapshot('people-store', () => {
    const store = createPeopleStore(recording)
    const user = { id: 'u', name: 'n', role: 'director' as const, clientId: null, createdAtMs: 0 }
    const secret = { secretHash: 'h', userId: 'u', expiresAtMs: LEDGER_DAY_MS }
    const token = {
      id: 't',
      name: 'n',
      role: 'read' as const,
      createdAtMs: 0,
      lastUsedAtMs: null,
      secretHash: 'h',
    }
    return {
      createUser: () => store.createUser(user),
      users: () => store.users(),
      createSignInLink: () => store.createSignInLink(secret),
      takeSignInLink: () => store.takeSignInLink('h', 1),
      createSession: () => store.createSession(secret),
      sessionUser: () => store.sessionUser('h', 1),
      removeSession: () => store.removeSession('h'),
      createToken: () => store.createToken(token),
      findToken: () => store.findToken('h'),
      tokens: () => store.tokens(),
      touchToken: () => store.touchToken('t', 1),
      removeToken: () => store.removeToken('t'),
      removeUser: () => store.removeUser('u'),
    }
  })

  snapshot('planning-store', () => {
    const store = createPlanningStore(recording)
    const series = {
      contactsMean: [1],
      contactsP2_5: [1],
      contactsP10: [1],
      contactsP90: [1],
      contactsP97_5: [1],
      rateCv: [1],
      ahtSeconds: [1],
      ahtSecondsSd: [1],
      intraday: false,
      inputs: null,
    }
    const key = { queueId: 'q', day: '2024-06-03', author: 'a', createdAtMs: 0, intervalMinutes: 30 }
    const totals = { dayMean: 1, dayP10: 1, dayP90: 1, historyDays: 1, poissonFloorWape: null, notes: [] }
    const plan = { ...key, state: 'draft' as const, publishedAtMs: null, forecastVersion: null, agents: [1] }
    const edit = {
      ...key,
      reason: 'r',
      measure: 'contacts' as const,
      operation: 'cells' as const,
      fromDay: key.day,
      toDay: key.day,
      fromMinute: 0,
      toMinute: 1440,
      weekdays: null,
      amount: null,
      spread: 'each' as const,
      cells: [{ startMs: 0, value: 1 }],
    }
    const span = { queueId: 'q', fromDay: key.day, toDay: key.day }
    const removal = { queueId: 'q', id: '1', removed: { atMs: 0, by: 'a' } }
    const mark = { ...key, fromMinute: 0, toMinute: 60, reason: 'r' }
    const comparison = {
      queueId: 'q',
      comparedAtMs: 0,
      endDay: key.day,
      leadDays: 7,
      origins: 8,
      pick: null,
      scores: [],
    }
    return {
      newestForecastsOf: () => store.newestForecastsOf({ ...span, intraday: true }),
      oldestForecastDay: () => store.oldestForecastDay(),
      thinIntraday: () => store.thinIntraday(key.day, 120, 500),
      'newestForecastsOf without intraday': () => store.newestForecastsOf({ ...span, intraday: false }),
      addForecastEdits: () => store.addForecastEdits([edit]),
      forecastEdits: () => store.forecastEdits(span),
      changeForecastEdit: () => store.changeForecastEdit(removal),
      addOneOff: () => store.addOneOff(mark),
      oneOffs: () => store.oneOffs(span),
      changeOneOff: () => store.changeOneOff(removal),
      addComparison: () => store.addComparison(comparison),
      newestComparison: () => store.newestComparison('q'),
      addForecast: () => store.addForecast([{ ...key, ...series, ...totals, method: 'm', originMs: 0 }]),
      newestForecast: () => store.newestForecast('q', key.day),
      forecastVersions: () => store.forecastVersions('q', key.day),
      newestForecasts: () => store.newestForecasts(key.day),
      addPlan: () => store.addPlan({ ...plan, baseVersion: 0 }),
      newestPlan: () => store.newestPlan('q', key.day),
      publishedPlan: () => store.publishedPlan('q', key.day),
      publishedPlans: () => store.publishedPlans(key.day),
      planVersions: () => store.planVersions('q', key.day),
    }
  })

  snapshot('board-store', () => {
    const boards = createBoardStore(recording)
    const links = createBoardLinkStore(recording)
    const body = {
      name: 'Hall',
      theme: 'dark' as const,
      locale: null,
      size: 'room' as const,
      rotationSeconds: 0,
      namesOnLinks: false,
      pages: [],
    }
    const link = {
      linkId: 'l',
      boardId: 'b',
      label: 'north',
      createdAtMs: 0,
      createdBy: 'a',
      openedAtMs: null,
      lastUsedAtMs: null,
      secretHash: 's',
    }
    return {
      put: () => boards.put({ boardId: 'b', baseVersion: 0, changedAtMs: 0, changedBy: 'a', body }),
      current: () => boards.current(),
      history: () => boards.history('b'),
      'links: add': () => links.add(link),
      'links: ofBoard': () => links.ofBoard('b'),
      'links: open': () => links.open({ secretHash: 's', sessionHash: 'h', openedAtMs: 1 }),
      'links: bySecret': () => links.bySecret('s'),
      'links: bySession': () => links.bySession('h'),
      'links: touch': () => links.touch('l', 2),
      'links: remove': () => links.remove('l'),
    }
  })

  snapshot('day-close-store', () => {
    const store = createDayCloseStore(recording)
    const cursor = createCloseCursor(recording)
    const report = { date: '2024-06-03', definitionsVersion: 1, queues: [], clients: [] }
    return {
      addDayClose: () =>
        store.addDayClose({ day: '2024-06-03', closedAtMs: 0, hash: '0'.repeat(64), report }),
      newestDayClose: () => store.newestDayClose('2024-06-03'),
      dayCloses: () => store.dayCloses('2024-06-01', '2024-06-03'),
      'cursor: read': () => cursor.read(),
      'cursor: advance': () => cursor.advance(1),
    }
  })

  snapshot('alert-store', () => {
    const alerts = createAlertStore(recording)
    const notes = createNoteStore(recording)
    const change = {
      alertId: 'a',
      version: 1,
      kind: 'raised' as const,
      changedAtMs: 0,
      changedBy: 'a',
      scope: 'site',
      cause: 'longest-wait' as const,
      subject: 'q',
      measured: 1,
      threshold: 1,
    }
    const note = {
      noteId: 'n',
      version: 1,
      changedAtMs: 0,
      changedBy: 'a',
      fromMs: 0,
      toMs: 1,
      queueId: null,
      kind: 'other' as const,
      heads: null,
      text: 't',
      removed: false,
    }
    return {
      addAlertChange: () => alerts.addAlertChange(change),
      alertChanges: () => alerts.alertChanges(0),
      addThresholds: () =>
        alerts.addThresholds({ scope: 'site', version: 1, changedAtMs: 0, changedBy: 'a', body: null }),
      thresholds: () => alerts.thresholds(),
      'notes: addNoteVersion': () => notes.addNoteVersion(note),
      'notes: newestNote': () => notes.newestNote('n'),
      'notes: notes': () => notes.notes(0, 1),
      'notes: noteVersions': () => notes.noteVersions('n'),
    }
  })

  snapshot('figure-store', () => {
    const store = createFigureStore(recording)
    const interval = { queueId: 'q', startMs: 0 }
    return {
      newestSchedule: () => store.newestSchedule('2024-06-03'),
      addSchedule: () => store.addSchedule({ day: '2024-06-03', author: 'a', createdAtMs: 0, segments: [] }),
      revisions: () => store.revisions(0, 1),
      revisionHistory: () => store.revisionHistory('q', 0, 1),
      settledIntervals: () => store.settledIntervals(0),
      putSettled: () =>
        store.putSettled({
          revisions: [{ ...interval, revision: 2, revisedAtMs: 1, changes: null }],
          settled: [{ ...interval, endMs: 1, sums: null }],
          toldToMs: 0,
        }),
      forgetSettled: () => store.forgetSettled(0),
    }
  })

  snapshot('ring-back-store', () => {
    const store = createRingBackStore(recording)
    return {
      addRingBack: () =>
        store.addRingBack({ contactId: 'c', version: 1, changedAtMs: 0, changedBy: 'a', rung: true }),
      ringBacks: () => store.ringBacks(['c']),
      addNumberRight: () =>
        store.addNumberRight({ userId: 'u', changedAtMs: 0, changedBy: 'a', allowed: true }),
      numberRights: () => store.numberRights(),
      addNumberView: () =>
        store.addNumberView({ viewedAtMs: 0, userId: 'u', userName: 'n', numbers: 1 }, 0, 10),
      numberViews: () => store.numberViews(10),
    }
  })
})
