/**
 * The property at the door of each adapter: messages that come shuffled, twice, or to an adapter that was killed and starts
 * anew in the middle (what was not acknowledged is sent again) fold to the figures of the messages in their order. For logs:
 * cut in two anywhere and read as segments, alone or beside the whole. Over made-up days and the samples beside the repository.
 */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { siteDayOf } from '../../../server/domain/site-calendar.ts'
import { newConnectMemory } from '../../../server/ingest/amazon-connect/agent-events.ts'
import { mapConnectMessage } from '../../../server/ingest/amazon-connect/mapper.ts'
import { AmiBlockReader } from '../../../server/ingest/asterisk-ami/blocks.ts'
import { AmiMapper } from '../../../server/ingest/asterisk-ami/mapper.ts'
import type { MappedMessage } from '../../../server/ingest/canonical-event.ts'
import { parseHeaders } from '../../../server/ingest/freeswitch-esl/frames.ts'
import { mapCallCenterEvent } from '../../../server/ingest/freeswitch-esl/mapper.ts'
import { GenesysMapper } from '../../../server/ingest/genesys-eventbridge/mapper.ts'
import { readQueueLog } from '../../../server/ingest/queue-log/read-queue-log.ts'
import { TwilioMapper } from '../../../server/ingest/twilio-taskrouter/mapper.ts'
import { toEnvelope } from '../../../server/ingest/validate.ts'
import { collect, fold, sample, seeded, toLedger } from '../state/support.ts'
import { calls, connectDay, eslDay, genesysDay, NOW_MS, START_MS, twilioDay } from './made-up-days.ts'

/** What each message becomes, by an adapter that remembers as much as the real one does. */
type Adapter<M> = () => (message: M) => MappedMessage

function ledgerOf<M>(adapter: Adapter<M>, lives: readonly (readonly M[])[]): LedgerEvent[] {
  const seen = new Map<string, LedgerEvent>()
  for (const messages of lives) {
    const map = adapter()
    for (const one of messages.flatMap((message) => map(message).events)) {
      const checked = toEnvelope(one, { receivedAtMs: NOW_MS, nowMs: NOW_MS })
      if (!checked.ok) throw new Error(JSON.stringify({ checked, one }))
      const key = `${checked.envelope.source}\n${checked.envelope.id}`
      if (!seen.has(key)) seen.set(key, { ...checked.envelope, ingestSeq: seen.size + 1 })
    }
  }
  return [...seen.values()]
}

function figuresOf(events: readonly LedgerEvent[]) {
  const state = fold(events)
  const days = [...new Set(events.map(({ occurredAtMs }) => siteDayOf('UTC', occurredAtMs)))].sort()
  const byQueue = (a: { readonly queue: string }, b: { readonly queue: string }) =>
    a.queue < b.queue ? -1 : 1
  return {
    days: days.map((day) => [...state.dayReport(day).queues].sort(byQueue)),
    agents: state
      .agentsNow(NOW_MS)
      .map((line) => ({ ...line, memberQueueIds: [...line.memberQueueIds].sort() }))
      .sort((a, b) => (a.agentId < b.agentId ? -1 : 1)),
  }
}

function holdTheProperty<M>(adapter: Adapter<M>, messages: readonly M[], mayRestart: boolean): void {
  const want = figuresOf(ledgerOf(adapter, [messages]))
  const twice = [...messages, ...messages]
  fc.assert(
    fc.property(
      fc.shuffledSubarray(twice, { minLength: twice.length }),
      fc.nat({ max: messages.length }),
      fc.nat({ max: 5 }),
      (shuffledTwice, cut, sentAgain) => {
        expect(figuresOf(ledgerOf(adapter, [shuffledTwice]))).toEqual(want)
        if (!mayRestart) return
        const lives = [messages.slice(0, cut), messages.slice(Math.max(0, cut - sentAgain))]
        expect(figuresOf(ledgerOf(adapter, lives))).toEqual(want)
      },
    ),
    { numRuns: 8, seed: 7 },
  )
}

const connect: Adapter<unknown> = () => {
  const memory = newConnectMemory()
  return (message) => mapConnectMessage(message, '/connect', memory)
}
const genesys: Adapter<unknown> = () => {
  const mapper = new GenesysMapper('/genesys')
  return (message) => mapper.map(message)
}
const twilio: Adapter<string> = () => {
  const mapper = new TwilioMapper({ source: '/twilio' })
  return (message) => mapper.mapForm(message)
}
const esl: Adapter<ReadonlyMap<string, string>> = () => (message) => mapCallCenterEvent(message, '/esl')

/** The samples of a folder, by their ending; none in a clone by itself. */
function samples<M>(folder: string, ending: string, read: (text: string) => M): readonly M[] {
  const found = sample(`feeds/${folder}`)
  if (found === null) return []
  const names = readdirSync(found).filter((name) => name.endsWith(ending))
  return names.sort().map((name) => read(readFileSync(`${found}/${name}`, 'utf8')))
}
const json = (text: string): unknown => JSON.parse(text)
const asForm = (text: string) => new URLSearchParams(json(text) as Record<string, string>).toString()

/** Truth from the calls themselves, so that the property does not hold for nothing. */
function expectTruth(events: readonly LedgerEvent[], seed: number): void {
  const { queues } = fold(events).dayReport('2026-03-02')
  for (const queue of queues) {
    const own = calls(seed).filter((call) => call.queue === queue.queue)
    const answered = own.filter(({ outcome }) => outcome === 'answered')
    expect(queue).toMatchObject({ offered: own.length, answered: answered.length, waiting: 0 })
    const talk = answered.reduce((sum, { talkSeconds }) => sum + talkSeconds, 0)
    if (answered.length > 0) expect(queue.talkSecondsMean).toBeCloseTo(talk / answered.length, 6)
  }
}

describe.each([1, 2])('messages of day %i in any order, twice, and to an adapter that was killed', (seed) => {
  it('of Amazon Connect', () => {
    const messages = [...connectDay(seed), ...samples('amazon-connect', '.json', json)]
    expectTruth(ledgerOf(connect, [connectDay(seed)]), seed)
    holdTheProperty(connect, messages, true)
  })

  it('of Genesys Cloud', () => {
    expectTruth(ledgerOf(genesys, [genesysDay(seed)]), seed)
    holdTheProperty(genesys, [...genesysDay(seed), ...samples('genesys-cloud', '.json', json)], true)
  })

  it('of Twilio', () => {
    expectTruth(ledgerOf(twilio, [twilioDay(seed)]), seed)
    // A restart between the two ends of a wrap-up loses its length: no message says it.
    holdTheProperty(twilio, [...twilioDay(seed), ...samples('twilio-taskrouter', '.json', asForm)], false)
  })

  it('of mod_callcenter', () => {
    expectTruth(ledgerOf(esl, [eslDay(seed)]), seed)
    holdTheProperty(esl, eslDay(seed), true)
  })
})

it('the samples of mod_callcenter are the same messages twice as once', () => {
  const messages = samples('freeswitch-callcenter', '.txt', parseHeaders)
  const once = ledgerOf(esl, [messages])
  expect(ledgerOf(esl, [[...messages, ...messages]])).toEqual(once)
})

describe('the manager interface', () => {
  const found = sample('feeds/asterisk-ami')
  it.skipIf(found === null)('gives the same of a capture, wherever it is cut', () => {
    // Skipped in a clone by itself: the samples lie beside the repository.
    const bytes = Buffer.concat([
      readFileSync(`${found}/callme-2017/ami_events.txt`),
      Buffer.from('\r\n\r\n'),
      readFileSync(`${found}/issues/queue_events.txt`),
    ])
    const read = (pieces: readonly Buffer[]) => {
      const reader = new AmiBlockReader()
      const mapper = new AmiMapper('/ami')
      mapper.startConnection(START_MS)
      const blocks = pieces.flatMap((piece) => reader.read(piece) ?? [])
      const events = blocks.flatMap((block) => mapper.map(block, START_MS) ?? [])
      return [...events, ...mapper.settleLeft(START_MS + 60_000)]
    }
    const want = read([bytes])
    expect(want.length).toBeGreaterThan(0)
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 6 }), (places) => {
        const cuts = [0, ...places.sort((a, b) => a - b), bytes.length]
        expect(read(cuts.slice(1).map((to, index) => bytes.subarray(cuts[index] ?? 0, to)))).toEqual(want)
      }),
    )
  })
})

describe.each([
  'asteriskreport-2010/queue_log',
  'malariapbx-2023/queue_log.csv',
  'wazo-docs-2012/queue_log.csv',
  'snippets/asterisk-2020-lab',
  'snippets/docs-asterisk-line',
])('the queue log %s', (path) => {
  const found = sample(`feeds/asterisk-queue_log/${path}`)
  const bytes = found === null ? Buffer.alloc(0) : readFileSync(found)
  const context = { source: 'pbx', zone: 'UTC', nowMs: NOW_MS }
  async function* one(piece: Buffer): AsyncGenerator<Uint8Array> {
    yield piece
  }
  const ledger = async (...pieces: readonly Buffer[]) =>
    toLedger(await collect(readQueueLog(pieces.map(one), context)))

  it.skipIf(found === null)(
    'folds to the same in two segments, read again, and read again beside the whole',
    async () => {
      // Skipped in a clone by itself: the samples lie beside the repository.
      const whole = await ledger(bytes)
      const want = figuresOf(whole)
      const isTable = path.endsWith('.csv')
      const header = bytes.subarray(0, bytes.indexOf(10) + 1)
      const random = seeded(bytes.length)
      for (let run = 0; run < 12; run += 1) {
        let cut = Math.floor(random() * bytes.length)
        // A table is exported row by row; a file is torn anywhere.
        if (isTable) cut = Math.max(header.length, bytes.lastIndexOf(10, cut) + 1)
        const rest = isTable ? Buffer.concat([header, bytes.subarray(cut)]) : bytes.subarray(cut)
        const segments = [bytes.subarray(0, cut), rest].filter((piece) => piece.length > 0)
        const cutEvents = await ledger(...segments)
        expect(figuresOf(cutEvents)).toEqual(want)
        const seen = new Set(whole.map(({ id }) => id))
        const more = [...(await ledger(bytes)), ...cutEvents].filter(({ id }) => !seen.has(id))
        // A heartbeat that says how far the first segment went may be new; nothing else is.
        expect(more.filter(({ type }) => type !== 'cc.source.heartbeat.v1')).toEqual([])
      }
    },
  )
})
