/** From the start of the HTTP request to the message at each viewer, at a steady rate; and the loop's delay meanwhile. */
import type { DatabaseLocation } from '../../../db/open-database.ts'
import type { EventData, EventEnvelope, EventType } from '../../../domain/event.ts'
import { DAY_START_MS } from '../live-fold.ts'
import { EventPoster, eventBody } from './http-load.ts'
import { type ServerSide, sharedNowMs } from './server-side.ts'
import { Viewers } from './viewers.ts'

export interface LatencyOptions {
  readonly kind: 'embedded' | 'postgres'
  readonly location: DatabaseLocation
  readonly eventsPerSecond: number
  readonly seconds: number
  readonly viewers: number
  readonly withSide: <T>(use: (side: ServerSide) => Promise<T>) => Promise<T>
}

export interface LatencyFigures {
  readonly kind: 'embedded' | 'postgres'
  readonly eventsPerSecond: number
  readonly viewers: number
  readonly sent: number
  readonly accepted: number
  /** Contacts that the board shows in the end, and that were sent. */
  readonly offeredOnBoard: number
  readonly offeredSent: number
  /** Event → message at a viewer, every contact at every viewer. */
  readonly latencyMsP50: number
  readonly latencyMsP99: number
  /** The HTTP answer alone (after the commit). */
  readonly replyMsP50: number
  readonly replyMsP99: number
  /** From the last answer until the board shows all of it. */
  readonly settledMs: number
  readonly loopDelayMsP999: number
  readonly loopDelayMsMax: number
  /** The same server with the same viewers and no event. */
  readonly idleLoopDelayMsP999: number
  readonly serverCpuRatio: number
}

const STEP_MS = 20
const CONNECTIONS = 8
const QUEUES = 8
const AGENTS = 200
const IDLE_MS = 2_000
const SETTLE_MS_MAX = 10_000
/** One contact in so many is followed to the viewers. */
const CONTACTS_FOLLOWED_MAX = 4_000

export async function measureLatency(options: LatencyOptions): Promise<LatencyFigures> {
  const { location } = options
  return options.withSide(async (side) => {
    const clockStartMs = DAY_START_MS + 12 * 3_600_000
    const server = await side.start({
      location:
        'dataDir' in location
          ? { dataDir: location.dataDir, databaseUrl: undefined }
          : { dataDir: '', databaseUrl: location.databaseUrl },
      clockStartMs,
    })
    const load = new SteadyLoad(clockStartMs)
    const poster = new EventPoster(server, CONNECTIONS)
    const viewers = new Viewers()
    try {
      await poster.post(eventBody(load.agents()))
      // Queues and agents are new with the first calls; the settings then settle.
      await poster.post(eventBody(load.take(300)))
      await new Promise((resolve) => setTimeout(resolve, 500))
      await viewers.open(`${server.url.replace('http', 'ws')}/api/v1/live`, options.viewers, {
        authorization: `Bearer ${server.readToken}`,
      })
      await side.resetUsage()
      await new Promise((resolve) => setTimeout(resolve, Math.min(IDLE_MS, options.seconds * 1000)))
      const idle = await side.usage()
      await side.resetUsage()
      const sent = await postSteadily(load, poster, options)
      const busy = await side.usage()
      const settledMs = await settle(viewers, load.offered)
      const latencies = latenciesOf(viewers, sent.contacts)
      return {
        kind: options.kind,
        eventsPerSecond: options.eventsPerSecond,
        viewers: options.viewers,
        sent: sent.events,
        accepted: sent.accepted,
        offeredOnBoard: viewers.offeredNow(),
        offeredSent: load.offered,
        latencyMsP50: percentile(latencies, 0.5),
        latencyMsP99: percentile(latencies, 0.99),
        replyMsP50: percentile(sent.repliesMs, 0.5),
        replyMsP99: percentile(sent.repliesMs, 0.99),
        settledMs,
        loopDelayMsP999: busy.loopDelayMsP999,
        loopDelayMsMax: busy.loopDelayMsMax,
        idleLoopDelayMsP999: idle.loopDelayMsP999,
        serverCpuRatio: busy.cpuSeconds / (sent.milliseconds / 1000),
      }
    } finally {
      viewers.close()
      poster.close()
      await side.stop()
    }
  })
}

interface SentContact {
  /** Contacts offered up to and with this one. */
  readonly offered: number
  readonly atMs: number
}

/** A batch each 20 ms, whatever the answers take: the rate is the caller's, not the server's. */
async function postSteadily(load: SteadyLoad, poster: EventPoster, options: LatencyOptions) {
  const contacts: SentContact[] = []
  const repliesMs: number[] = []
  const under: Promise<void>[] = []
  let accepted = 0
  let events = 0
  const startedAtMs = sharedNowMs()
  const total = options.eventsPerSecond * options.seconds
  while (events < total) {
    const due = Math.min(
      total,
      Math.floor(((sharedNowMs() - startedAtMs) / 1000 + STEP_MS / 1000) * options.eventsPerSecond),
    )
    if (due > events) {
      const batch = load.take(due - events)
      events += batch.length
      const body = eventBody(batch)
      const atMs = sharedNowMs()
      contacts.push({ offered: load.offered, atMs })
      under.push(
        poster.post(body).then((counts) => {
          accepted += counts.accepted
          repliesMs.push(sharedNowMs() - atMs)
        }),
      )
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
  await Promise.all(under)
  return { contacts, repliesMs, accepted, events, milliseconds: sharedNowMs() - startedAtMs }
}

async function settle(viewers: Viewers, offered: number): Promise<number> {
  const startedAt = performance.now()
  while (viewers.offeredNow() < offered && performance.now() - startedAt < SETTLE_MS_MAX)
    await new Promise((resolve) => setTimeout(resolve, 10))
  const settledMs = performance.now() - startedAt
  // The last frame reaches the last viewer.
  await new Promise((resolve) => setTimeout(resolve, 200))
  return settledMs
}

/** For each batch and viewer: when the first frame came that shows all contacts up to that batch. */
function latenciesOf(viewers: Viewers, contacts: readonly SentContact[]): readonly number[] {
  const latencies: number[] = []
  const step = Math.max(1, Math.ceil(contacts.length / CONTACTS_FOLLOWED_MAX))
  for (const arrivals of viewers.arrivals) {
    let at = 0
    for (let index = 0; index < contacts.length; index += step) {
      const contact = contacts[index]
      if (contact === undefined) break
      while (at < arrivals.length && offeredAt(viewers, arrivals[at]?.seq) < contact.offered) at += 1
      const arrival = arrivals[at]
      if (arrival === undefined) break
      latencies.push(arrival.atMs - contact.atMs)
    }
  }
  return latencies
}

function offeredAt(viewers: Viewers, seq: number | undefined): number {
  return seq === undefined ? 0 : (viewers.offeredBySeq.get(seq) ?? 0)
}

function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Calls one after another: queued, answered, ended, each at the instant when it is made. */
class SteadyLoad {
  readonly #clockOffsetMs: number
  #count = 0
  offered = 0

  constructor(clockStartMs: number) {
    this.#clockOffsetMs = clockStartMs - sharedNowMs()
  }

  agents(): readonly EventEnvelope[] {
    return Array.from({ length: AGENTS }, (_, agent) => [
      this.#event('cc.agent.logged-on.v1', { agentId: `agent-${agent}` }),
      this.#event('cc.agent.queue-joined.v1', {
        agentId: `agent-${agent}`,
        queueId: `queue-${agent % QUEUES}`,
      }),
      this.#event('cc.agent.state-changed.v1', { agentId: `agent-${agent}`, state: 'ready' }),
    ]).flat()
  }

  /** Whole calls as far as they go: the answer's and the end's events follow in the next batch. */
  take(count: number): readonly EventEnvelope[] {
    return Array.from({ length: count }, () => this.#next())
  }

  #next(): EventEnvelope {
    const call = Math.floor(this.#steps / 3)
    const step = this.#steps % 3
    this.#steps += 1
    const contactId = `call-${call}`
    const queueId = `queue-${call % QUEUES}`
    const agentId = `agent-${call % AGENTS}`
    if (step === 0) {
      this.offered += 1
      return this.#event('cc.contact.queued.v1', { contactId, queueId })
    }
    if (step === 1)
      return this.#event('cc.contact.answered.v1', { contactId, queueId, agentId, waitSeconds: 4 })
    return this.#event('cc.contact.ended.v1', { contactId, agentId, endedBy: 'customer', acwSeconds: 10 })
  }

  #steps = 0

  #event(type: EventType, data: EventData): EventEnvelope {
    this.#count += 1
    const atMs = Math.floor(sharedNowMs() + this.#clockOffsetMs)
    return {
      id: `event-${this.#count}`,
      source: 'bench',
      type,
      occurredAtMs: atMs,
      receivedAtMs: atMs,
      sequence: String(this.#count).padStart(20, '0'),
      data,
    }
  }
}
