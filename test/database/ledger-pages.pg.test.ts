/** Pages of the ledger: what a fold reads from them equals what it reads from the events, whatever happens to a page. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { decodeFoldPage } from '../../server/db/fold-page.ts'
import { createLedgerStore } from '../../server/db/ledger-store.ts'
import type { Schema } from '../../server/db/schema.ts'
import type { EventEnvelope, LedgerEvent } from '../../server/domain/event.ts'
import { DEFAULT_SITE } from '../../server/domain/settings.ts'
import { createCallerSeal } from '../../server/ledger/caller-seal.ts'
import { LiveState } from '../../server/state/live-state.ts'
import { createSettingsView } from '../../server/state/settings-view.ts'
import { describeOnEachDatabase } from '../support/databases.ts'
import { collect, LEDGER_DAY_MS } from '../support/ledger-events.ts'

const DAY = '2024-06-03'
const END_MS = LEDGER_DAY_MS + 86_400_000
const settings = createSettingsView({
  site: { ...DEFAULT_SITE, zone: 'UTC' },
  queues: new Map(),
  clients: new Map(),
  agents: new Map(),
  promises: [],
})

/** A day of calls and agents, drawn by a seed; late and out of order. */
function dayOf(seed: number, contacts: number): readonly EventEnvelope[] {
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
  const events: EventEnvelope[] = []
  const add = (type: EventEnvelope['type'], atMs: number, data: EventEnvelope['data']) =>
    events.push({
      id: `${seed}-${events.length}`,
      source: `/pbx/${Math.floor(random() * 3)}`,
      type,
      occurredAtMs: Math.floor(atMs),
      receivedAtMs: LEDGER_DAY_MS + events.length,
      ...(random() < 0.5 ? { sequence: String(events.length).padStart(9, '0') } : {}),
      ...(random() < 0.1 ? { timeAssumed: true } : {}),
      data,
    })
  for (let contact = 0; contact < contacts; contact += 1) {
    const contactId = `${seed}.${contact}`
    const queueId = `q${Math.floor(random() * 4)}`
    const agentId = `a${Math.floor(random() * 9)}`
    const atMs = LEDGER_DAY_MS + random() * 30_000_000
    add('cc.contact.queued.v1', atMs, { contactId, queueId, callerNumber: '+33199', raw: { line: contact } })
    if (random() < 0.2) add('cc.contact.abandoned.v1', atMs + 9_000, { contactId, queueId, waitSeconds: 9 })
    else {
      add('cc.contact.answered.v1', atMs + 5_000, { contactId, queueId, agentId })
      if (random() < 0.9)
        add('cc.contact.ended.v1', atMs + 95_000, {
          contactId,
          queueId,
          agentId,
          endedBy: 'agent',
          talkSeconds: 90,
        })
    }
    if (random() < 0.3) add('cc.agent.queue-joined.v1', atMs, { agentId, queueId })
    if (random() < 0.2)
      add('cc.agent.state-changed.v1', atMs, { agentId, state: 'not-ready', reason: 'lunch' })
  }
  // Not in the order of their times.
  return events.sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? 1 : -1))
}

function reportOf(events: Iterable<LedgerEvent>): unknown {
  const state = new LiveState(settings)
  state.applyAll(events)
  return { day: state.dayReport(DAY), agents: state.agentsNow(END_MS), quality: state.quality() }
}

async function readForFold(ledger: ReturnType<typeof createLedgerStore>): Promise<readonly LedgerEvent[]> {
  const contacts = await collect(ledger.readContactEvents(0, END_MS * 2))
  return [...(await collect(ledger.readAgentEvents(END_MS * 2))), ...contacts]
}

/** Lent events as they were while they were lent. */
async function lentForFold(ledger: ReturnType<typeof createLedgerStore>): Promise<readonly LedgerEvent[]> {
  const copies: LedgerEvent[] = []
  for (const pages of [ledger.lendAgentEvents(END_MS * 2), ledger.lendContactEvents(0, END_MS * 2)])
    for await (const page of pages)
      for (const event of page) copies.push(JSON.parse(JSON.stringify(event)) as LedgerEvent)
  return copies
}

async function reportOfLent(ledger: ReturnType<typeof createLedgerStore>): Promise<unknown> {
  const state = new LiveState(settings)
  for (const pages of [ledger.lendAgentEvents(END_MS * 2), ledger.lendContactEvents(0, END_MS * 2)])
    for await (const page of pages) state.applyAll(page)
  return { day: state.dayReport(DAY), agents: state.agentsNow(END_MS), quality: state.quality() }
}

const pageCount = async (kysely: Kysely<Schema>): Promise<number> =>
  Number(
    (await sql<{ count: number }>`select count(*) as count from fold_page`.execute(kysely)).rows[0]?.count,
  )

describeOnEachDatabase('ledger pages', (open) => {
  it('and the tail fold to what a full replay folds to, however the day was cut into appends', async () => {
    const { kysely } = await open()
    const ledger = createLedgerStore({ kysely, kind: 'embedded', close: async () => undefined })
    const other = createLedgerStore({ kysely, kind: 'embedded', close: async () => undefined })
    let runs = 0
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e9 }),
        fc.array(fc.integer({ min: 150, max: 2_600 }), { minLength: 1, maxLength: 6 }),
        async (seed, cuts) => {
          const day = dayOf(seed, 900)
          // Two processes in turn, some events twice.
          for (let at = 0, turn = 0; at < day.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1
            await (turn % 3 === 2 ? other : ledger).append(day.slice(Math.max(0, at - 5), at + size))
            at += size
          }
          runs += 1
          if (runs % 2 === 0) while ((await other.pageTail()) > 0);
        },
      ),
      { numRuns: 4, endOnFailure: true },
    )
    const all = await ledger.readAfter(0, 1_000_000)
    const read = await readForFold(ledger)
    expect(await pageCount(kysely)).toBeGreaterThan(1)
    expect(new Set(read.map(({ ingestSeq }) => ingestSeq)).size).toBe(read.length)
    const bySeq = (a: LedgerEvent, b: LedgerEvent) => a.ingestSeq - b.ingestSeq
    expect([...read].sort(bySeq)).toEqual([...all].sort(bySeq))
    expect(reportOf(read)).toEqual(reportOf(all))
    expect([...(await lentForFold(ledger))].sort(bySeq)).toEqual([...all].sort(bySeq))
    expect(await reportOfLent(ledger)).toEqual(reportOf(all))
  })

  it('that are damaged, or of another format, are read from their events, and it is said', async () => {
    const { kysely } = await open()
    const said: string[] = []
    const ledger = createLedgerStore(
      { kysely, kind: 'embedded', close: async () => undefined },
      { log: (message) => said.push(message) },
    )
    for (let part = 1; part <= 3; part += 1) await ledger.append(dayOf(part, 1_200))
    const whole = reportOf(await readForFold(ledger))
    expect(said).toEqual([])
    const { rows } = await sql<{ first_seq: number }>`
      select first_seq from fold_page order by first_seq`.execute(kysely)
    const [first, second] = rows.map(({ first_seq }) => first_seq)
    await sql`update fold_page set contact_events = left(contact_events, 1000) where first_seq = ${first ?? 0}`.execute(
      kysely,
    )
    await sql`update fold_page set format = 999 where first_seq = ${second ?? 0}`.execute(kysely)
    expect(reportOf(await readForFold(ledger))).toEqual(whole)
    expect(said).toHaveLength(3)
    expect(await reportOfLent(ledger)).toEqual(whole)
    expect(said[0]).toContain('its events are read instead')
  })

  it('hold nothing personal', async () => {
    const { kysely } = await open()
    const ledger = createLedgerStore({ kysely, kind: 'embedded', close: async () => undefined })
    await ledger.append(dayOf(1, 1_200))
    const { rows } = await sql<{ text: string; format: number }>`
      select contact_events as text, format from fold_page`.execute(kysely)
    for (const { text, format } of rows) {
      const page = decodeFoldPage(text, format, { fromMs: 0, toMs: END_MS * 2 })
      const events = [...(page ?? [])]
      expect(events.length).toBeGreaterThan(1_000)
      // The head is read as it is, the events as they come out of it.
      for (const part of [text.slice(0, text.indexOf('\n')), JSON.stringify(events)])
        for (const personal of ['+33199', 'callerNumber', '"raw"']) expect(part).not.toContain(personal)
    }
    expect(await pageCount(kysely)).toBe(1)
  })
})

describeOnEachDatabase("callers' numbers", (open) => {
  const key = randomBytes(32)
  const callerOf = (id: string, callerNumber: string): EventEnvelope => ({
    id,
    source: 's',
    type: 'cc.contact.queued.v1',
    occurredAtMs: LEDGER_DAY_MS,
    receivedAtMs: LEDGER_DAY_MS,
    data: { contactId: `c${id}`, queueId: 'q', callerNumber, raw: { caller: 1 } },
  })
  const count = (ledger: ReturnType<typeof createLedgerStore>) =>
    Promise.all(['c1', 'c2'].map(async (id) => (await ledger.callers([id])).get(id)?.callerNumber))

  it('are sealed, outlive a change of keys, and leave a hash and two digits after their days', async () => {
    const database = await open()
    const ledger = createLedgerStore(database, { seal: createCallerSeal([key]) })
    await ledger.append([callerOf('1', '+33123456789'), callerOf('2', '+33123456789'), callerOf('3', '112')])
    const { rows } = await sql<{ text: string }>`
      select event::text || (select string_agg(c::text, '') from event_caller c) as text from event`.execute(
      database.kysely,
    )
    for (const { text } of rows) expect(text).not.toContain('33123456')
    expect(await count(ledger)).toEqual(['+33123456789', '+33123456789'])

    const newKey = randomBytes(32)
    const rotated = createLedgerStore(database, { seal: createCallerSeal([newKey, key]) })
    expect(await count(rotated)).toEqual(['+33123456789', '+33123456789'])
    expect(await rotated.sealCallers()).toBe(3)
    expect(await rotated.sealCallers()).toBe(0)
    const onlyNew = createLedgerStore(database, { seal: createCallerSeal([newKey]) })
    expect(await count(onlyNew)).toEqual(['+33123456789', '+33123456789'])
    // The key is gone: unreadable, and no fault.
    expect(await count(ledger)).toEqual([null, null])

    const limits = {
      eventsBeforeMs: null,
      rawBeforeMs: LEDGER_DAY_MS + 86_400_000,
      callersBeforeMs: LEDGER_DAY_MS + 86_400_000,
      deadLettersBeforeMs: null,
    }
    const step = await rotated.forget(limits)
    expect([step.callerDaysMs.length, step.rawDaysMs.length, step.more]).toEqual([1, 1, false])
    const traces = await rotated.callers(['c1', 'c2', 'c3'])
    expect(traces.get('c1')).toEqual({ callerNumber: null, hash: traces.get('c2')?.hash, lastDigits: '89' })
    expect(traces.get('c3')).toMatchObject({ callerNumber: null, lastDigits: null })
    expect(traces.get('c3')?.hash).not.toBe(traces.get('c1')?.hash)
    expect((await rotated.readContact('c1')).map(({ data }) => data)).toEqual([
      { contactId: 'c1', queueId: 'q' },
    ])

    // The same events again are duplicates as before, and another number is still a conflict.
    expect(await rotated.append([callerOf('1', '+33123456789')])).toMatchObject({
      duplicates: 1,
      conflicts: 0,
    })
    expect(await rotated.append([callerOf('2', '+33999999999')])).toMatchObject({
      duplicates: 1,
      conflicts: 1,
    })
  })
})

describeOnEachDatabase('retention of the ledger', (open) => {
  it('drops whole days with their keys and pages in bounded steps, and leaves the others alone', async () => {
    const { kysely } = await open()
    const ledger = createLedgerStore({ kysely, kind: 'embedded', close: async () => undefined })
    const DAY_MS = 86_400_000
    const ofDay = (day: number) =>
      Array.from(
        { length: 2_500 },
        (_, index): EventEnvelope => ({
          id: `${day}-${index}`,
          source: 's',
          type: 'cc.contact.queued.v1',
          occurredAtMs: LEDGER_DAY_MS + day * DAY_MS,
          receivedAtMs: LEDGER_DAY_MS + day * DAY_MS,
          data: { contactId: `${day}-${index}`, queueId: 'q' },
        }),
      )
    for (const day of [0, 1, 2]) await ledger.append(ofDay(day))
    await ledger.recordDeadLetters([
      { source: 's', receivedAtMs: LEDGER_DAY_MS, place: '1', reason: 'r', excerpt: 'e' },
    ])
    expect(await ledger.keptFromMs()).toBeNull()
    const beforeMs = Math.floor(LEDGER_DAY_MS / DAY_MS) * DAY_MS + 2 * DAY_MS
    const limits = {
      eventsBeforeMs: beforeMs,
      rawBeforeMs: beforeMs,
      callersBeforeMs: beforeMs,
      deadLettersBeforeMs: beforeMs,
    }
    const total = { days: 0, keys: 0, pages: 0, letters: 0 }
    for (let more = true, steps = 0; more; steps += 1) {
      expect(steps).toBeLessThan(20)
      const step = await ledger.forget(limits)
      total.days += step.eventDaysMs.length
      total.keys += step.keys
      total.pages += step.pages
      total.letters += step.deadLetters
      more = step.more
    }
    expect(total).toEqual({ days: 2, keys: 5_000, pages: 2, letters: 1 })
    expect(await ledger.keptFromMs()).toBe(beforeMs)
    const left = await ledger.readAfter(0, 100_000)
    expect(left.map(({ id }) => id)).toEqual(ofDay(2).map(({ id }) => id))
    expect((await collect(ledger.readContactEvents(0, Date.UTC(2100, 0, 1)))).length).toBe(2_500)
    // What is gone counts as new again; what is kept does not.
    expect(await ledger.append(ofDay(2))).toMatchObject({ accepted: 0, duplicates: 2_500 })
    expect(await ledger.append(ofDay(0))).toMatchObject({ accepted: 2_500, duplicates: 0 })
  })
})
