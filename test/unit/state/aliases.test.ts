/** Ids that mean one queue, agent or contact: said before or after, the figures are the same. */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { type AgentSetting, defaultQueue, type QueueSetting } from '../../../server/domain/settings.ts'
import { LiveLedger } from '../../../server/live-ledger.ts'
import { readWholeContact } from '../../../server/state/load-day.ts'
import { event, fold, seeded, settings, shuffled } from './support.ts'

const DAY = '2024-06-03'
const T = Date.UTC(2024, 5, 3, 8) / 1000
const merged = (contactId: string, ...aliasIds: string[]) =>
  event('contact.merged', T + 5000, { contactId, aliasIds })

describe('a contact of several ids', () => {
  /** An attended transfer into a second queue: the switch goes on under the id of the other leg. */
  const rows = [
    event('contact.queued', T, { contactId: 'b.1', queueId: 'q' }),
    event('contact.answered', T + 10, { contactId: 'b.1', queueId: 'q', agentId: 'ann' }),
    event('contact.queued', T + 60, { contactId: 'a.2', queueId: 'r' }),
    event('contact.answered', T + 70, { contactId: 'a.2', queueId: 'r', agentId: 'bob' }),
    event('contact.transferred', T + 90, {
      contactId: 'b.1',
      queueId: 'q',
      agentId: 'ann',
      kind: 'attended',
    }),
    // The end of the part in r is told under the first id.
    event('contact.ended', T + 200, { contactId: 'b.1', queueId: 'r', agentId: 'bob' }),
  ]
  const report = (events: readonly LedgerEvent[]) => fold(events).dayReport(DAY).queues

  it('ends under either of them, once they are one', () => {
    expect(report(rows).find((row) => row.queue === 'r')).toMatchObject({ handled: 0 })
    const whole = report([...rows, merged('b.1', 'a.2')])
    expect(whole.find((row) => row.queue === 'q')).toMatchObject({
      offered: 1,
      handled: 1,
      talkSecondsMean: 80,
    })
    expect(whole.find((row) => row.queue === 'r')).toMatchObject({
      offered: 1,
      handled: 1,
      talkSecondsMean: 130,
    })
  })

  it('is the same in any order, said by either id, doubled, or in a chain', () => {
    const want = report([...rows, merged('b.1', 'a.2')])
    for (let seed = 1; seed < 30; seed += 1) {
      const random = seeded(seed)
      expect(report(shuffled([...rows, merged('a.2', 'b.1'), ...rows], random))).toEqual(want)
      const chain = [...rows, merged('x', 'b.1'), merged('a.2', 'y'), merged('y', 'x')]
      const found = fold(shuffled(chain, random))
      expect(found.dayReport(DAY).queues).toEqual(want)
      expect([...found.contactIds('y')].sort()).toEqual(['a.2', 'b.1', 'x', 'y'])
      expect(found.contactVisits('x')).toHaveLength(2)
    }
  })

  it('lives on in a snapshot that lists it by its other id', () => {
    const waiting = [
      event('contact.queued', T, { contactId: 'p', queueId: 'q' }),
      event('source.snapshot', T + 5, { openContactIds: ['o'] }),
      merged('p', 'o'),
    ]
    for (let seed = 1; seed < 10; seed += 1)
      expect(report(shuffled(waiting, seeded(seed)))).toMatchObject([{ waiting: 1, lost: 0 }])
  })

  it('shows the events of all its ids', async () => {
    const all = [...rows, merged('b.1', 'a.2')]
    const store = {
      readContact: async (id: string) => all.filter((one) => one.data.contactId === id),
    }
    expect(await readWholeContact(store, 'b.1')).toEqual(all)
  })
})

describe('queues and agents of several ids', () => {
  const events = [
    event('agent.logged-on', T, { agentId: 'LOCAL/551@agents' }),
    event('agent.queue-joined', T, { agentId: 'LOCAL/551@agents', queueId: '9000' }),
    event('contact.queued', T, { contactId: 'c', queueId: 'sales' }),
    event('contact.answered', T + 10, { contactId: 'c', queueId: 'sales', agentId: 'SIP/551' }),
    event('contact.ended', T + 40, { contactId: 'c', agentId: 'LOCAL/551@agents' }),
    event('source.heartbeat', T + 100, {}),
  ]
  const ann: AgentSetting = { name: 'Ann', teamId: null, aliases: ['LOCAL/551@agents'], unconfirmed: false }
  const sales: QueueSetting = { ...defaultQueue('sales', 'UTC'), aliases: ['9000'], unconfirmed: false }
  const aliased = settings('UTC', {
    agents: new Map([['SIP/551', ann]]),
    queues: new Map([
      ['sales', sales],
      // Made by the feed before anybody said what it is.
      ['9000', defaultQueue('9000', 'UTC')],
    ]),
  })

  it('are one row', () => {
    const { queues } = fold(events, aliased).dayReport(DAY)
    expect(queues.map((row) => row.queue)).toEqual(['sales'])
    expect(queues[0]).toMatchObject({ offered: 1, handled: 1, talkSecondsMean: 30 })
    expect(queues[0]?.agents).toMatchObject([{ agent: 'SIP/551', answered: 1, loggedInSeconds: 100 }])
  })

  it('are folded again when the alias is said later, without a gap in the figures', async () => {
    const late = event('contact.queued', T + 200, { contactId: 'd', queueId: '9000' })
    let gate: () => void = () => undefined
    const reading = new Promise<void>((open) => {
      gate = open
    })
    let slow = false
    const ledger = {
      lastIngestSeq: async () => Number.MAX_SAFE_INTEGER,
      async *lendAgentEvents() {
        if (slow) await reading
        yield events.filter((one) => one.type.startsWith('cc.agent.'))
      },
      async *lendContactEvents() {
        yield events.filter((one) => !one.type.startsWith('cc.agent.'))
      },
    }
    const live = new LiveLedger({
      ledger: ledger as never,
      settings: settings(),
      siteZone: () => 'UTC',
      nowMs: () => (T + 300) * 1000,
      onApplied: () => undefined,
      onError: () => undefined,
    })
    await live.rebuild()
    expect(live.state.dayTotals('sales', DAY)).toMatchObject({ offered: 1 })
    slow = true
    const folded = live.useSettings(aliased)
    live.applyOwn([late])
    expect(live.state.dayTotals('sales', DAY)).toMatchObject({ offered: 2 })
    gate()
    await folded
    expect(live.state.dayReport(DAY)).toEqual(fold([...events, late], aliased).dayReport(DAY))
    expect(live.state.agentsNow((T + 300) * 1000).map(({ agentId }) => agentId)).toEqual(['SIP/551'])
  })

  it('never go in circles', () => {
    const both = (id: string, alias: string) =>
      [id, { ...defaultQueue(id, 'UTC'), aliases: [alias] }] as const
    const view = settings('UTC', {
      queues: new Map([both('a', 'b'), both('b', 'a'), both('c', 'z'), both('d', 'z')]),
    })
    expect(['a', 'b', 'z'].map((id) => view.queueOf(id))).toEqual(['a', 'b', 'c'])
  })
})
