/** Reading the ledger on both databases: pages, periods, contacts, and what is counted beside the events. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLedgerStore } from '../../server/db/ledger-store.ts'
import { parseInstant } from '../../server/db/value-parsers.ts'
import type { EventEnvelope } from '../../server/domain/event.ts'
import { describeOnEachDatabase } from '../support/databases.ts'
import { collect, LEDGER_DAY_MS, ledgerEvent } from '../support/ledger-events.ts'

const MINUTE_MS = 60_000

/** Three kinds of event in turn, not in order of time, many at the same instant. */
function mixedEvents(count: number): readonly EventEnvelope[] {
  return Array.from({ length: count }, (_, index) => {
    const occurredAtMs = LEDGER_DAY_MS + ((index * 7_919) % 500) * MINUTE_MS
    if (index % 3 === 0) return ledgerEvent(String(index), { occurredAtMs })
    if (index % 3 === 1) {
      return ledgerEvent(String(index), {
        occurredAtMs,
        type: 'cc.agent.state-changed.v1',
        data: { agentId: 'a1', state: 'ready' },
      })
    }
    return ledgerEvent(String(index), { occurredAtMs, type: 'cc.source.heartbeat.v1', data: {} })
  })
}

const isAgentEvent = (event: EventEnvelope): boolean => event.type.startsWith('cc.agent.')
const ids = (events: readonly EventEnvelope[]): readonly string[] => events.map((event) => event.id).sort()

describeOnEachDatabase('ledger reading', (open) => {
  it('gives each event of a period once, over several pages', async () => {
    const ledger = createLedgerStore(await open())
    // More than two pages of contact and source events; a third of the rows at each instant are agent events.
    const events = mixedEvents(36_000)
    await ledger.append(events)
    const fromMs = LEDGER_DAY_MS + 10 * MINUTE_MS
    const toMs = LEDGER_DAY_MS + 480 * MINUTE_MS
    const read = await collect(ledger.readContactEvents(fromMs, toMs))
    const expected = events.filter(
      (event) => !isAgentEvent(event) && event.occurredAtMs >= fromMs && event.occurredAtMs < toMs,
    )
    expect(ids(read)).toEqual(ids(expected))

    const agentEvents = await collect(ledger.readAgentEvents(toMs))
    expect(ids(agentEvents)).toEqual(
      ids(events.filter((event) => isAgentEvent(event) && event.occurredAtMs < toMs)),
    )
    // From an instant on, in the pages and in the tail that no page holds yet.
    await ledger.append(
      [1, 2].map((hours) =>
        ledgerEvent(`tail-${hours}`, {
          occurredAtMs: LEDGER_DAY_MS + hours * 60 * MINUTE_MS,
          type: 'cc.agent.state-changed.v1',
          data: { agentId: 'a1', state: 'ready' },
        }),
      ),
    )
    const laterMs = LEDGER_DAY_MS + 90 * MINUTE_MS
    const later = events.filter(
      (event) => isAgentEvent(event) && event.occurredAtMs >= laterMs && event.occurredAtMs < toMs,
    )
    expect(ids(await collect(ledger.readAgentEvents(toMs, laterMs)))).toEqual(
      [...ids(later), 'tail-2'].sort(),
    )
  })

  it('gives the tail in order, from any place, and ends', async () => {
    const ledger = createLedgerStore(await open())
    await ledger.append(mixedEvents(25))
    const seen: string[] = []
    let afterSeq = 0
    for (;;) {
      const page = await ledger.readAfter(afterSeq, 10)
      if (page.length === 0) break
      seen.push(...page.map((event) => event.id))
      afterSeq = page.at(-1)?.ingestSeq ?? 0
    }
    expect(seen).toEqual(mixedEvents(25).map((event) => event.id))
  })

  it('knows its first and last instant without the heartbeats of sources', async () => {
    const ledger = createLedgerStore(await open())
    expect(await ledger.timeRange()).toBeNull()
    await ledger.append([
      ledgerEvent('h', { type: 'cc.source.heartbeat.v1', occurredAtMs: LEDGER_DAY_MS + 9e7, data: {} }),
    ])
    expect(await ledger.timeRange()).toBeNull()
    await ledger.append([
      ledgerEvent('1', { occurredAtMs: LEDGER_DAY_MS + 1 }),
      ledgerEvent('2', {
        type: 'cc.agent.logged-on.v1',
        occurredAtMs: LEDGER_DAY_MS - 1,
        data: { agentId: 'a' },
      }),
    ])
    expect(await ledger.timeRange()).toEqual({ firstMs: LEDGER_DAY_MS - 1, lastMs: LEDGER_DAY_MS + 1 })
  })

  it('finds the events of one contact, as received', async () => {
    const ledger = createLedgerStore(await open())
    const raw = { line: '1717397243|x|q|NONE|ENTERQUEUE||+33\u0000', deep: [1, null, { a: 1e21 }] }
    await ledger.append([
      ledgerEvent('1', { data: { contactId: 'c', queueId: 'q', raw } }),
      ledgerEvent('2'),
      ledgerEvent('3', {
        type: 'cc.contact.abandoned.v1',
        data: { contactId: 'c', queueId: 'q', waitSeconds: 4 },
      }),
    ])
    expect((await ledger.readContact('c')).map((event) => event.data)).toEqual([
      { contactId: 'c', queueId: 'q', raw },
      { contactId: 'c', queueId: 'q', waitSeconds: 4 },
    ])
    expect(await ledger.readContact('nobody')).toEqual([])
  })

  it('keeps the newest refused lines of each source and counts them all', async () => {
    const ledger = createLedgerStore(await open())
    const letter = (source: string, place: number) => ({
      source,
      receivedAtMs: LEDGER_DAY_MS,
      place: `line ${place}`,
      reason: 'no usable time',
      excerpt: `"${'x'.repeat(2_000)}\u0000`,
    })
    await ledger.recordDeadLetters(Array.from({ length: 10_030 }, (_, place) => letter('a', place)))
    await ledger.recordDeadLetters([letter('b', 1)])
    const kept = await ledger.deadLetters('a', 20_000)
    expect(kept).toHaveLength(10_000)
    expect(kept[0]).toMatchObject({ place: 'line 10029', receivedAtMs: LEDGER_DAY_MS })
    expect(kept[0]?.excerpt).toHaveLength(500)
    expect(kept.at(-1)?.place).toBe('line 30')
    expect((await ledger.deadLetters(null, 1)).map(({ source }) => source)).toEqual(['b'])
    expect((await ledger.sourceStatuses()).map(({ source, rejected }) => [source, rejected])).toEqual([
      ['a', 10_030],
      ['b', 1],
    ])
  })

  it('adds up the unknown verbs of a source, whatever they are called', async () => {
    const ledger = createLedgerStore(await open())
    await ledger.recordUnknownVerbs('a', { PARKED: 2, ['__proto__']: 1 })
    await ledger.recordUnknownVerbs('a', { PARKED: 3 })
    const [status] = await ledger.sourceStatuses()
    expect(Object.entries(status?.unknownVerbs ?? {}).sort()).toEqual([
      ['PARKED', 5],
      ['__proto__', 1],
    ])
    expect(status).toMatchObject({
      source: 'a',
      accepted: 0,
      firstOccurredAtMs: null,
      lastReceivedAtMs: null,
    })
  })

  it('replaces interval totals that are imported again', async () => {
    const ledger = createLedgerStore(await open())
    const total = (startMs: number, contacts: number) => ({
      queueId: 'q',
      source: 'history',
      startMs,
      intervalMinutes: 30,
      contacts,
      handled: contacts / 3,
      handleSeconds: 180.25 * contacts,
    })
    const many = Array.from({ length: 12_000 }, (_, index) =>
      total(LEDGER_DAY_MS + index * 30 * MINUTE_MS, 5),
    )
    expect(await ledger.putIntervalTotals([...many, total(LEDGER_DAY_MS, 7)])).toEqual({ stored: 12_000 })
    await ledger.putIntervalTotals([total(LEDGER_DAY_MS + 30 * MINUTE_MS, 9)])
    const read = await ledger.intervalTotals('q', LEDGER_DAY_MS, LEDGER_DAY_MS + 90 * MINUTE_MS)
    expect(read).toEqual([
      total(LEDGER_DAY_MS, 7),
      total(LEDGER_DAY_MS + 30 * MINUTE_MS, 9),
      total(LEDGER_DAY_MS + 60 * MINUTE_MS, 5),
    ])
    expect(await ledger.intervalTotals('other', 0, LEDGER_DAY_MS * 2)).toEqual([])
  })

  it('reads instants as Date does', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          const text = date.toISOString()
          const fraction = text.slice(20, 23).replace(/0+$/, '')
          const stored = `${text.slice(0, 19).replace('T', ' ')}${fraction === '' ? '' : `.${fraction}`}+00`
          expect(parseInstant(stored)).toBe(date.getTime())
        },
      ),
    )
    expect(parseInstant('2024-06-03 06:47:51.0005+00')).toBe(Date.UTC(2024, 5, 3, 6, 47, 51) + 0.5)
    expect(parseInstant('2024-06-03 08:47:51+02')).toBe(Date.UTC(2024, 5, 3, 6, 47, 51))
  })
})
