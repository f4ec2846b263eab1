/** Settings, people, plans and closed days on both databases: versions, single use, and two writers at once. */
import { expect, it } from 'vitest'
import { createDayCloseStore } from '../../server/db/day-close-store.ts'
import { createPeopleStore } from '../../server/db/people-store.ts'
import { createPlanningStore } from '../../server/db/planning-store.ts'
import { createSettingsStore } from '../../server/db/settings-store.ts'
import type { ForecastDay } from '../../server/planning/planning-store.ts'
import { describeOnEachDatabase } from '../support/databases.ts'

const NOW_MS = Date.UTC(2024, 5, 3, 8, 0, 0, 123)

const team = (id: string, baseVersion: number, name: string | null, changedBy = 'Ada') => ({
  kind: 'team' as const,
  id,
  baseVersion,
  changedAtMs: NOW_MS + baseVersion,
  changedBy,
  body: name === null ? null : { name },
})

const user = {
  id: 'u1',
  name: 'Ada "A" Lovelace',
  role: 'client' as const,
  clientId: 'c1',
  createdAtMs: NOW_MS,
}

function forecast(queueId: string, day: string, method: string): Omit<ForecastDay, 'version'> {
  return {
    queueId,
    day,
    method,
    author: 'Ada',
    createdAtMs: NOW_MS,
    originMs: NOW_MS - 1,
    intervalMinutes: 15,
    contactsMean: [0, 1.5, 1e-7, 12345.678901234567],
    contactsP2_5: [],
    contactsP10: [0.1],
    contactsP90: [2],
    contactsP97_5: [3],
    rateCv: [0.1 + 0.2],
    ahtSeconds: [180],
    dayMean: 100.25,
    dayP10: 80,
    dayP90: 120,
    historyDays: 42,
    poissonFloorWape: null,
    notes: [
      { kind: 'short-history', usableDays: 12 },
      { kind: 'borrowed-profile', queueId: 'q2' },
    ],
    intraday: false,
    ahtSecondsSd: [12.5, 0],
    inputs: {
      historyFromDay: '2024-01-01',
      historyToDay: '2024-03-30',
      historyDays: 90,
      usableDays: 88,
      specialDays: [{ day: '2024-04-01', kind: 'holiday', name: 'Lundi de Pâques' }],
      oneOffMarks: 1,
      methodReason: 'compared',
      scores: [],
      borrowedFrom: null,
      editIds: [],
    },
  }
}

describeOnEachDatabase('settings', (open) => {
  it('keeps every version with its date and author, and gives the newest as current', async () => {
    const settings = createSettingsStore(await open())
    expect(await settings.current()).toEqual([])
    await settings.put(team('t1', 0, 'First'))
    await settings.put(team('t1', 1, null, 'Grace'))
    await settings.put(team('t2', 0, 'Second'))
    expect(await settings.current()).toEqual([
      { kind: 'team', id: 't1', version: 2, changedAtMs: NOW_MS + 1, changedBy: 'Grace', body: null },
      { kind: 'team', id: 't2', version: 1, changedAtMs: NOW_MS, changedBy: 'Ada', body: { name: 'Second' } },
    ])
    expect((await settings.history('team', 't1')).map(({ version, body }) => [version, body])).toEqual([
      [1, { name: 'First' }],
      [2, null],
    ])
  })

  it('lets one of many writers of the same version through', async () => {
    const settings = createSettingsStore(await open())
    const written = await Promise.all(
      Array.from({ length: 8 }, (_, index) => settings.put(team('t1', 0, `Name ${index}`))),
    )
    expect(written.filter((version) => version !== undefined)).toHaveLength(1)
    expect(await settings.put(team('t1', 0, 'Late'))).toBeUndefined()
    expect(await settings.put(team('t1', 2, 'From the future'))).toBeUndefined()
    expect(await settings.history('team', 't1')).toHaveLength(1)
  })

  it('creates a thousand new things at once, and leaves what exists or was removed', async () => {
    const settings = createSettingsStore(await open())
    await settings.put(team('t7', 0, 'Set up'))
    await settings.put(team('t8', 0, 'Gone'))
    await settings.put(team('t8', 1, null))
    const things = Array.from({ length: 1_000 }, (_, index) => ({
      kind: 'team' as const,
      id: `t${index}`,
      body: { name: `"new" ${index}` },
    }))
    const change = { changedAtMs: NOW_MS, changedBy: 'feed' }
    const created = await settings.createMissing([...things, ...things.slice(0, 3)], change)
    expect(created).toHaveLength(998)
    expect(created.some(({ id }) => id === 't7' || id === 't8')).toBe(false)
    const current = new Map((await settings.current()).map((version) => [version.id, version]))
    expect(current.get('t7')?.body).toEqual({ name: 'Set up' })
    expect(current.get('t8')?.body).toBeNull()
    expect(current.get('t999')).toMatchObject({ version: 1, changedBy: 'feed', body: { name: '"new" 999' } })
    expect(await settings.createMissing(things, change)).toEqual([])
  })
})

describeOnEachDatabase('people', (open) => {
  it('takes a sign-in link once, and not after its time', async () => {
    const people = createPeopleStore(await open())
    await people.createUser(user)
    await people.createSignInLink({ secretHash: 'h1', userId: 'u1', expiresAtMs: NOW_MS + 1 })
    const takers = await Promise.all(Array.from({ length: 5 }, () => people.takeSignInLink('h1', NOW_MS)))
    expect(takers.filter((taker) => taker !== undefined)).toEqual([user])
    await people.createSignInLink({ secretHash: 'h2', userId: 'u1', expiresAtMs: NOW_MS })
    expect(await people.takeSignInLink('h2', NOW_MS)).toBeUndefined()
    expect(await people.takeSignInLink('never made', NOW_MS)).toBeUndefined()
  })

  it('ends sessions at their time, on demand, and with their user', async () => {
    const people = createPeopleStore(await open())
    await people.createUser(user)
    for (const secretHash of ['s1', 's2']) {
      await people.createSession({ secretHash, userId: 'u1', expiresAtMs: NOW_MS + 10 })
    }
    expect(await people.sessionUser('s1', NOW_MS)).toEqual(user)
    expect(await people.sessionUser('s1', NOW_MS + 10)).toBeUndefined()
    await people.removeSession('s1')
    expect(await people.sessionUser('s1', NOW_MS)).toBeUndefined()
    expect(await people.removeUser('u1')).toBe(true)
    expect(await people.sessionUser('s2', NOW_MS)).toBeUndefined()
    expect(await people.users()).toEqual([])
    expect(await people.removeUser('u1')).toBe(false)
  })

  it('finds a token by its hash, notes its use, and forgets it', async () => {
    const people = createPeopleStore(await open())
    const token = { id: 't1', name: 'pbx', role: 'ingest' as const, createdAtMs: NOW_MS, lastUsedAtMs: null }
    await people.createToken({ ...token, secretHash: 'h' })
    expect(await people.findToken('h')).toEqual(token)
    await people.touchToken('t1', NOW_MS + 5)
    expect(await people.tokens()).toEqual([{ ...token, lastUsedAtMs: NOW_MS + 5 }])
    expect(await people.removeToken('t1')).toBe(true)
    expect(await people.findToken('h')).toBeUndefined()
    expect(await people.removeToken('t1')).toBe(false)
  })
})

describeOnEachDatabase('planning', (open) => {
  it('numbers forecast versions by queue and day, also within one run and of runs at once', async () => {
    const planning = createPlanningStore(await open())
    const first = await planning.addForecast([
      forecast('q1', '2024-03-31', 'a'),
      forecast('q2', '2024-03-31', 'a'),
      forecast('q1', '2024-03-31', 'b'),
    ])
    expect(first.map(({ queueId, version }) => [queueId, version])).toEqual([
      ['q1', 1],
      ['q2', 1],
      ['q1', 2],
    ])
    await Promise.all(
      ['c', 'd', 'e'].map((method) => planning.addForecast([forecast('q1', '2024-03-31', method)])),
    )
    expect((await planning.forecastVersions('q1', '2024-03-31')).map(({ version }) => version)).toEqual([
      1, 2, 3, 4, 5,
    ])
    expect(await planning.newestForecast('q2', '2024-03-31')).toEqual({
      ...forecast('q2', '2024-03-31', 'a'),
      version: 1,
    })
    expect(
      (await planning.newestForecasts('2024-03-31')).map(({ queueId, version }) => [queueId, version]),
    ).toEqual([
      ['q1', 5],
      ['q2', 1],
    ])
    expect(await planning.newestForecast('q1', '2024-04-01')).toBeUndefined()
    expect(await planning.addForecast([])).toEqual([])
  })

  it('stores a run of many queues and days', async () => {
    const planning = createPlanningStore(await open())
    const days = Array.from({ length: 1_200 }, (_, index) => forecast(`q${index}`, '2024-06-03', 'a'))
    expect(await planning.addForecast(days)).toHaveLength(1_200)
    expect(await planning.newestForecasts('2024-06-03')).toHaveLength(1_200)
  })

  it('gives the newest forecast of each day of a span, with and without intraday versions', async () => {
    const planning = createPlanningStore(await open())
    const day = (date: string, method: string, intraday = false) => ({
      ...forecast('q1', date, method),
      intraday,
    })
    await planning.addForecast([
      day('2024-06-03', 'a'),
      day('2024-06-03', 'b'),
      day('2024-06-03', 'b+intraday', true),
      day('2024-06-05', 'a'),
      { ...forecast('q2', '2024-06-04', 'a') },
    ])
    const span = { queueId: 'q1', fromDay: '2024-06-01', toDay: '2024-06-05' }
    const methods = async (intraday: boolean) =>
      (await planning.newestForecastsOf({ ...span, intraday })).map(({ day, method }) => [day, method])
    expect(await methods(true)).toEqual([
      ['2024-06-03', 'b+intraday'],
      ['2024-06-05', 'a'],
    ])
    expect(await methods(false)).toEqual([
      ['2024-06-03', 'b'],
      ['2024-06-05', 'a'],
    ])
  })

  it('thins the updates of one day: the last of each stretch stays, and what a plan was made from', async () => {
    const planning = createPlanningStore(await open())
    const midnightMs = Date.UTC(2024, 5, 3)
    const update = (queueId: string, day: string, minute: number) => ({
      ...forecast(queueId, day, 'a+intraday'),
      originMs: midnightMs + minute * 60_000,
      intraday: true,
    })
    for (const [queueId, day] of [
      ['q1', '2024-06-03'],
      ['q2', '2024-06-03'],
      ['q1', '2024-06-04'],
    ] as const) {
      await planning.addForecast([{ ...forecast(queueId, day, 'a'), originMs: midnightMs }])
      for (const minute of [15, 60, 119, 120, 180, 500])
        await planning.addForecast([update(queueId, day, minute)])
    }
    expect(await planning.oldestForecastDay()).toBe('2024-06-03')
    const plan = { queueId: 'q1', day: '2024-06-03', author: 'Ada', createdAtMs: NOW_MS, agents: [1] }
    await planning.addPlan({
      ...plan,
      baseVersion: 0,
      state: 'draft',
      publishedAtMs: null,
      forecastVersion: 3,
      intervalMinutes: 15,
    })
    expect(await planning.thinIntraday('2024-06-03', 120, 2)).toBe(2)
    expect(await planning.thinIntraday('2024-06-03', 120, 1000)).toBe(3)
    expect(await planning.thinIntraday('2024-06-03', 120, 1000)).toBe(0)
    const versions = async (queueId: string, day: string) =>
      (await planning.forecastVersions(queueId, day)).map(({ version }) => version)
    expect(await versions('q1', '2024-06-03')).toEqual([1, 3, 4, 6, 7])
    expect(await versions('q2', '2024-06-03')).toEqual([1, 4, 6, 7])
    expect(await versions('q1', '2024-06-04')).toEqual([1, 2, 3, 4, 5, 6, 7])
    // The next one is numbered after the last, not into the gap.
    expect((await planning.addForecast([update('q1', '2024-06-03', 600)]))[0]?.version).toBe(8)
  })

  it('keeps manual edits in order, all of a batch or none, taken back once and put back once', async () => {
    const planning = createPlanningStore(await open())
    const base = {
      queueId: 'q1',
      author: 'Ada',
      createdAtMs: NOW_MS,
      reason: "a mail'ing",
      fromMinute: 480,
      toMinute: 720,
      weekdays: [0, 4],
      intervalMinutes: 30,
    }
    const [percent, cells] = await planning.addForecastEdits([
      {
        ...base,
        measure: 'contacts',
        operation: 'percent',
        fromDay: '2024-06-03',
        toDay: '2024-06-30',
        amount: -12.5,
        spread: 'each',
        cells: [],
      },
      {
        ...base,
        measure: 'aht',
        operation: 'cells',
        fromDay: '2024-06-10',
        toDay: '2024-06-10',
        weekdays: null,
        amount: null,
        spread: 'each',
        cells: [
          { startMs: NOW_MS, value: 181.25 },
          { startMs: NOW_MS + 1_800_000, value: 200 },
        ],
      },
    ])
    expect(percent).toMatchObject({ amount: -12.5, weekdays: [0, 4], cells: [], removedAtMs: null })
    expect(cells?.cells).toEqual([
      { startMs: NOW_MS, value: 181.25 },
      { startMs: NOW_MS + 1_800_000, value: 200 },
    ])
    const ids = async (fromDay: string, toDay: string) =>
      (await planning.forecastEdits({ queueId: 'q1', fromDay, toDay })).map(({ id }) => id)
    expect(await ids('2024-06-10', '2024-06-10')).toEqual([percent?.id, cells?.id])
    expect(await ids('2024-06-11', '2024-07-10')).toEqual([percent?.id])
    expect(await ids('2024-07-01', '2024-07-10')).toEqual([])
    const id = percent?.id ?? ''
    const removed = { atMs: NOW_MS + 1, by: 'Grace' }
    expect(await planning.changeForecastEdit({ queueId: 'q2', id, removed })).toBeUndefined()
    expect(await planning.changeForecastEdit({ queueId: 'q1', id, removed })).toMatchObject({
      removedAtMs: NOW_MS + 1,
      removedBy: 'Grace',
    })
    expect(await planning.changeForecastEdit({ queueId: 'q1', id, removed })).toBeUndefined()
    expect(await planning.changeForecastEdit({ queueId: 'q1', id, removed: null })).toMatchObject({
      removedAtMs: null,
      removedBy: null,
    })
    expect(await planning.changeForecastEdit({ queueId: 'q1', id, removed: null })).toBeUndefined()
    await expect(
      planning.addForecastEdits([
        {
          ...base,
          measure: 'contacts',
          operation: 'set',
          fromDay: '2024-06-01',
          toDay: '2024-06-01',
          amount: 1,
          spread: 'each',
          cells: [],
        },
        {
          ...base,
          measure: 'contacts',
          operation: 'set',
          fromDay: '2024-06-02',
          toDay: '2024-06-01',
          amount: 1,
          spread: 'each',
          cells: [],
        },
      ]),
    ).rejects.toThrow()
    expect(await ids('2024-06-01', '2024-06-02')).toEqual([])
  })

  it('keeps one-off marks and comparisons of methods', async () => {
    const planning = createPlanningStore(await open())
    const mark = {
      queueId: 'q1',
      day: '2024-06-03',
      fromMinute: 600,
      toMinute: 660,
      reason: 'outage',
      author: 'Ada',
      createdAtMs: NOW_MS,
    }
    const stored = await planning.addOneOff(mark)
    expect(stored).toMatchObject({ ...mark, removedAtMs: null, removedBy: null })
    const span = { queueId: 'q1', fromDay: '2024-06-03', toDay: '2024-06-03' }
    expect(await planning.oneOffs(span)).toEqual([stored])
    expect(await planning.oneOffs({ ...span, fromDay: '2024-06-01', toDay: '2024-06-02' })).toEqual([])
    await planning.changeOneOff({ queueId: 'q1', id: stored.id, removed: { atMs: NOW_MS, by: 'Ada' } })
    expect(await planning.oneOffs(span)).toMatchObject([{ removedBy: 'Ada' }])

    expect(await planning.newestComparison('q1')).toBeUndefined()
    const score = {
      method: 'blend' as const,
      wape: 0.1,
      dayWape: 0.05,
      bias: -0.01,
      weightedQuantileLoss: null,
      coverage80: 0.8,
      coverage95: 0.95,
      poissonFloorWape: 0.08,
    }
    const comparison = {
      queueId: 'q1',
      comparedAtMs: NOW_MS,
      endDay: '2024-06-03',
      leadDays: 7,
      origins: 8,
      pick: 'blend' as const,
      scores: [score],
    }
    await planning.addComparison({ ...comparison, pick: null, origins: 0, scores: [] })
    await planning.addComparison(comparison)
    await planning.addComparison({ ...comparison, queueId: 'q2' })
    expect(await planning.newestComparison('q1')).toEqual(comparison)
  })

  it('keeps drafts and published plans apart and lets one writer of a version through', async () => {
    const planning = createPlanningStore(await open())
    const plan = (baseVersion: number, state: 'draft' | 'published', agents: readonly number[]) => ({
      queueId: 'q1',
      day: '2024-06-03',
      state,
      author: 'Ada',
      createdAtMs: NOW_MS,
      publishedAtMs: state === 'published' ? NOW_MS : null,
      forecastVersion: null,
      intervalMinutes: 30,
      agents,
      baseVersion,
    })
    const drafts = await Promise.all([1, 2, 3].map((agents) => planning.addPlan(plan(0, 'draft', [agents]))))
    expect(drafts.filter((draft) => draft !== undefined)).toHaveLength(1)
    expect(await planning.publishedPlan('q1', '2024-06-03')).toBeUndefined()
    await planning.addPlan(plan(1, 'published', [4, 4.5]))
    await planning.addPlan(plan(2, 'draft', []))
    expect(await planning.publishedPlan('q1', '2024-06-03')).toMatchObject({ version: 2, agents: [4, 4.5] })
    expect(await planning.newestPlan('q1', '2024-06-03')).toMatchObject({
      version: 3,
      state: 'draft',
      agents: [],
    })
    expect(await planning.publishedPlans('2024-06-03')).toMatchObject([{ queueId: 'q1', version: 2 }])
    expect(await planning.planVersions('q1', '2024-06-03')).toHaveLength(3)
    expect(await planning.publishedPlans('2024-06-04')).toEqual([])
  })
})

describeOnEachDatabase('day close', (open) => {
  it('adds a correction as a new version and keeps the old one', async () => {
    const closes = createDayCloseStore(await open())
    const close = (day: string, digit: string) => ({
      day,
      closedAtMs: NOW_MS,
      hash: digit.repeat(64),
      report: { date: day, definitionsVersion: 1, queues: [], clients: [] },
    })
    await closes.addDayClose(close('2024-06-02', '0'))
    const both = await Promise.all(['a', 'b'].map((digit) => closes.addDayClose(close('2024-06-03', digit))))
    expect(both.map(({ version }) => version).sort()).toEqual([1, 2])
    expect(await closes.newestDayClose('2024-06-03')).toEqual(both.find(({ version }) => version === 2))
    expect(await closes.newestDayClose('2024-06-04')).toBeUndefined()
    const read = await closes.dayCloses('2024-06-02', '2024-06-03')
    expect(read.map(({ day, version }) => [day, version])).toEqual([
      ['2024-06-02', 1],
      ['2024-06-03', 1],
      ['2024-06-03', 2],
    ])
  })
})
