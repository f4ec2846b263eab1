/** What the end-to-end tests share: a program's and a person's way to the API of a running product, and bounded waiting. */
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import type { DayReport } from '../../server/state/figures.ts'
import type { Board, ServerMessage } from '../../server/wire/board.ts'
import { type ProductOptions, runProduct } from '../support/product.ts'

export const BATCH_TYPE = 'application/cloudevents-batch+json'
export const LINES_TYPE = 'application/x-ndjson'
const WAIT_MS_MAX = 30_000

export interface EventReply {
  readonly accepted: number
  readonly duplicates: number
  readonly conflicts: number
  readonly rejected: readonly { readonly index: number; readonly pointer: string; readonly detail: string }[]
}

/** Tries until it holds, and says at the end what was wrong the last time. */
export async function eventually<T>(attempt: () => Promise<T>, waitMsMax = WAIT_MS_MAX): Promise<T> {
  const endMs = Date.now() + waitMsMax
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > endMs) throw error
    }
    await sleep(100)
  }
}

/** Runs a command that must succeed, and gives its output without the last line end. */
export async function command(argv: readonly string[], options: ProductOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await runProduct(argv, options)
  if (status !== 0) throw new Error(`vigie ${argv.join(' ')} ended with status ${status}: ${stderr}`)
  return stdout.trimEnd()
}

export interface Place {
  /** `--data-dir DIR`, or nothing where DATABASE_URL says it. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export function createToken(place: Place, role: 'ingest' | 'read'): Promise<string> {
  return command(['token', 'create', '--role', role, '--name', `${role} of the test`, ...place.argv], place)
}

/** A person's cookie, by the sign-in link that the command prints. */
export async function signInByCommand(place: Place, url: string, role: string): Promise<string> {
  const link = await command(
    ['user', 'create', '--role', role, '--name', `${role} by command`, ...place.argv],
    place,
  )
  const response = await fetch(`${url}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ secret: link.split('/').at(-1) }),
  })
  if (response.status !== 204) throw new Error(`sign-in was answered ${response.status}`)
  return response.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
}

export async function postEvents(
  url: string,
  token: string,
  body: string | readonly object[],
  contentType = BATCH_TYPE,
): Promise<{ readonly status: number; readonly body: EventReply }> {
  const response = await fetch(`${url}/api/v1/events`, {
    method: 'POST',
    headers: { 'content-type': contentType, authorization: `Bearer ${token}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as EventReply }
}

export async function dayReport(url: string, token: string, date: string): Promise<DayReport> {
  const response = await fetch(`${url}/api/v1/reports/day?date=${date}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  if (response.status !== 200) throw new Error(`the report was answered ${response.status}`)
  return (await response.json()) as DayReport
}

/** The board of a viewer's first snapshot. */
export function boardSnapshot(url: string, headers: Readonly<Record<string, string>>): Promise<Board> {
  return new Promise((done, fail) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`, { headers })
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('the live socket was closed before its snapshot')))
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage
      if (message.type !== 'snapshot') return
      done(message.board)
      socket.close()
    })
  })
}

/** The figures that a row of the board has in common with the report's line of its queue. */
export function boardCounts(board: Board) {
  return Object.fromEntries(
    board.queues.map((row) => [
      row.queueId,
      {
        offered: row.offeredToday,
        answered: row.answeredToday,
        abandoned: row.abandonedToday,
        flowedOut: row.flowedOutToday,
        lost: row.lostToday,
        answeredWithinThreshold: row.answeredWithinThresholdToday,
        abandonedWithinThreshold: row.abandonedWithinThresholdToday,
      },
    ]),
  )
}

export function reportCounts(report: DayReport) {
  return Object.fromEntries(
    report.queues.map((line) => [
      line.queue,
      {
        offered: line.offered,
        answered: line.answered,
        abandoned: line.abandoned,
        flowedOut: line.flowedOut,
        lost: line.lost,
        answeredWithinThreshold: line.answeredWithinThreshold,
        abandonedWithinThreshold: line.abandonedWithinThreshold,
      },
    ]),
  )
}
