/**
 * `kill -9` of the server in the middle of an ingest over HTTP, and a start again, round after round on each database: every
 * acknowledged event is there once, and report and wall board equal a recount of what was acknowledged.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type SimulatedEvent, toCloudEvent } from '../../server/simulator/recorder.ts'
import { recount } from '../simulation/contact-centre/recount.ts'
import { describeOnEachHost } from '../support/databases.ts'
import { type Product, startServe, temporaryFolder } from '../support/product.ts'
import { SMALL_DAY, SMALL_PLAN, smallDay } from '../support/simulated-day.ts'
import {
  boardCounts,
  boardSnapshot,
  createToken,
  dayReport,
  eventually,
  type Place,
  postEvents,
  reportCounts,
} from './support.ts'

const ROUNDS = Number(process.env.VIGIE_KILL_ROUNDS ?? 5)
const SENDERS = 3
/** Nothing is set up here: queues have the defaults. */
const DEFAULTS = { thresholdSeconds: 20, shortAbandonSeconds: 5 }
const CLOCK = ['--clock-start', `${SMALL_DAY}T19:00:00Z`]

type Batch = readonly SimulatedEvent[]

/** Sizes from 1 to some dozens, so that a kill meets every part of the work. */
function batchesOf(events: readonly SimulatedEvent[]): Batch[] {
  const batches: Batch[] = []
  for (let at = 0; at < events.length; ) {
    const size = 1 + ((batches.length * 37) % 60)
    batches.push(events.slice(at, at + size))
    at += size
  }
  return batches
}

interface Sender {
  readonly acknowledged: Batch[]
  /** Sent, and the connection broke before the answer: a sender sends these again. */
  readonly unanswered: Batch[]
}

/** Several connections send batch after batch, in order, until `killAfter` are acknowledged and the server is shot. */
async function sendUntilKilled(
  server: Product,
  token: string,
  waiting: Batch[],
  killAfter: number,
): Promise<Sender> {
  const acknowledged: Batch[] = []
  const unanswered: Batch[] = []
  let killed: Promise<unknown> | undefined
  const send = async () => {
    for (;;) {
      const batch = killed === undefined ? waiting.shift() : undefined
      if (batch === undefined) return
      const answer = await postEvents(
        server.url,
        token,
        batch.map((event) => toCloudEvent(event)),
      ).catch(() => undefined)
      if (answer === undefined) {
        unanswered.push(batch)
        continue
      }
      expect(answer).toMatchObject({ status: 200, body: { accepted: batch.length, rejected: [] } })
      acknowledged.push(batch)
      // Not always at the same place of the requests that are under way.
      if (acknowledged.length === killAfter) killed = sleep((killAfter * 7) % 13).then(() => server.kill())
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
  expect(killed).toBeDefined()
  await killed
  return { acknowledged, unanswered }
}

/** By queue, what a plain count of the events says. */
function counted(events: readonly SimulatedEvent[]) {
  const inOrder = [...events].sort((a, b) => (a.sequence < b.sequence ? -1 : 1))
  const queueIds = SMALL_PLAN.queues.map(({ id }) => id)
  return Object.fromEntries(
    queueIds.flatMap((queueId) => {
      const { shortAbandons: _, ...counts } = recount({ events: inOrder, queueId, ...DEFAULTS })
      return counts.offered === 0 ? [] : [[queueId, { ...counts, lost: 0 }]]
    }),
  )
}

function withCalls<T extends { readonly offered: number }>(byQueue: Readonly<Record<string, T>>) {
  return Object.fromEntries(Object.entries(byQueue).filter(([, { offered }]) => offered > 0))
}

describeOnEachHost('kill -9 of the server while events come in', (host) => {
  it(`loses and doubles nothing that was acknowledged, ${ROUNDS} rounds`, {
    timeout: 120_000 + ROUNDS * 30_000,
  }, async () => {
    const location = await host().createLocation()
    const place: Place =
      'dataDir' in location
        ? { argv: ['--data-dir', location.dataDir], env: {} }
        : { argv: ['--data-dir', await temporaryFolder()], env: { DATABASE_URL: location.databaseUrl } }
    const ingestToken = await createToken(place, 'ingest')
    const readToken = await createToken(place, 'read')
    const { events, truth } = smallDay(21)
    const waiting = batchesOf(events)
    const perRound = Math.floor(waiting.length / (ROUNDS + 1))
    const stored: Batch[] = []
    const start = () => startServe([...place.argv, ...CLOCK], { env: place.env })

    const expectRight = async (server: Product) => {
      const expected = counted(stored.flat())
      // On PostgreSQL the board follows the ledger a moment later.
      const report = await eventually(async () => {
        const current = await dayReport(server.url, readToken, SMALL_DAY)
        expect(withCalls(reportCounts(current))).toEqual(expected)
        return current
      })
      const board = await boardSnapshot(server.url, { authorization: `Bearer ${readToken}` })
      expect(boardCounts(board)).toEqual(reportCounts(report))
    }

    let server = await start()
    for (let round = 0; round < ROUNDS; round++) {
      const killAfter = Math.max(1, perRound - SENDERS - (round % 3))
      const { acknowledged, unanswered } = await sendUntilKilled(server, ingestToken, waiting, killAfter)
      server = await start()
      // What was acknowledged is there to the last event: sent again, none of it is new.
      for (const batch of acknowledged) {
        const again = await postEvents(
          server.url,
          ingestToken,
          batch.map((event) => toCloudEvent(event)),
        )
        expect(again.body).toEqual({ accepted: 0, duplicates: batch.length, conflicts: 0, rejected: [] })
      }
      // What was not is there whole or not at all.
      for (const batch of unanswered) {
        const again = await postEvents(
          server.url,
          ingestToken,
          batch.map((event) => toCloudEvent(event)),
        )
        expect([0, batch.length]).toContain(again.body.accepted)
        expect(again.body.accepted + again.body.duplicates).toBe(batch.length)
      }
      stored.push(...acknowledged, ...unanswered)
      await expectRight(server)
    }

    for (const batch of waiting.splice(0)) {
      await postEvents(
        server.url,
        ingestToken,
        batch.map((event) => toCloudEvent(event)),
      )
      stored.push(batch)
    }
    await expectRight(server)
    const report = await dayReport(server.url, readToken, SMALL_DAY)
    for (const { queueId, offered, answered, abandoned, flowedOut } of truth)
      expect(report.queues.find(({ queue }) => queue === queueId)).toMatchObject({
        offered,
        answered,
        abandoned,
        flowedOut,
        waiting: 0,
      })
    await server.stop()
  })
})
