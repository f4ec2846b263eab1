/** The client of the live bench: CloudEvents made into NDJSON bodies beforehand, then posted over a few connections. */
import { Agent, request } from 'node:http'
import type { EventEnvelope } from '../../../domain/event.ts'

export interface PostTarget {
  readonly url: string
  readonly ingestToken: string
}

export interface PostCounts {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
}

export function eventLine(event: EventEnvelope): string {
  const { id, source, type, sequence, occurredAtMs, data } = event
  const time = new Date(occurredAtMs).toISOString()
  return `${JSON.stringify({ specversion: '1.0', id, source, type, time, sequence, data })}\n`
}

export function eventBody(events: readonly EventEnvelope[]): Buffer {
  return Buffer.from(events.map(eventLine).join(''))
}

/** A client with connections that stay open. */
export class EventPoster {
  readonly #agent: Agent
  readonly #target: URL
  readonly #token: string

  constructor({ url, ingestToken }: PostTarget, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
    this.#target = new URL('/api/v1/events', url)
    this.#token = ingestToken
  }

  /** Comes again as told while the server is busy. */
  async post(body: Buffer): Promise<PostCounts> {
    for (;;) {
      const { status, text, retryAfterSeconds } = await this.#postOnce(body)
      if (status === 200) {
        const reply = JSON.parse(text) as {
          accepted: number
          duplicates: number
          rejected: readonly unknown[]
        }
        return { ...reply, rejected: reply.rejected.length }
      }
      if (status !== 429 && status !== 503) throw new Error(`events were answered ${status}: ${text}`)
      await new Promise((resolve) => setTimeout(resolve, retryAfterSeconds * 1000))
    }
  }

  /** All bodies, over as many connections as the poster has. */
  async postAll(bodies: readonly Buffer[], connections: number): Promise<PostCounts> {
    const sum = { accepted: 0, duplicates: 0, rejected: 0 }
    let next = 0
    const work = async () => {
      for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
        const counts = await this.post(body)
        sum.accepted += counts.accepted
        sum.duplicates += counts.duplicates
        sum.rejected += counts.rejected
      }
    }
    await Promise.all(Array.from({ length: connections }, work))
    return sum
  }

  close(): void {
    this.#agent.destroy()
  }

  #postOnce(body: Buffer): Promise<{ status: number; text: string; retryAfterSeconds: number }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        this.#target,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${this.#token}`,
            'content-type': 'application/x-ndjson',
            'content-length': body.length,
          },
        },
        (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              text: Buffer.concat(parts).toString('utf8'),
              retryAfterSeconds: Number(response.headers['retry-after'] ?? 1),
            }),
          )
          response.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }
}
