/**
 * POST /api/v1/events: CloudEvents in, a durable answer out. By a token, or by the Standard Webhooks signature of a source of
 * the kind `http`. 400 only when the body does not parse; else each event has its outcome.
 */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { EVENT_CONTENT_TYPES, eventItems, type IngestPortItem } from './event-bodies.ts'
import { ingestProblem } from './ingest-answer.ts'
import { type FieldError, problem } from './problems.ts'
import { type FeedRequest, toFeedRequest } from './raw-request.ts'

export type { IngestPortItem } from './event-bodies.ts'

/** What the route needs of the ingest service; structural, so that http stays below ingest. */
export interface IngestPort {
  ingest(
    items: Iterable<IngestPortItem>,
    sender: string,
  ): Promise<{
    readonly accepted: number
    readonly duplicates: number
    readonly conflicts: number
    readonly rejected: readonly (FieldError & { readonly index: number })[]
  }>
}

export interface EventRoutesOptions {
  readonly ingest: IngestPort
  /** Larger bodies are refused with 413 before they are read to the end. */
  readonly bodyBytesMax: number
  /** The source whose signature the request carries; undefined when it is nobody's. */
  readonly signedBy: (request: FeedRequest) => string | undefined
}

export const eventRoutes: FastifyPluginAsync<EventRoutesOptions> = async (app, options) => {
  const { ingest, bodyBytesMax, signedBy } = options
  app.removeAllContentTypeParsers()
  // Raw, whatever it is: a signature covers the bytes, and is looked at before anything is parsed.
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: bodyBytesMax },
    async (_request: FastifyRequest, body: Buffer) => body,
  )

  app.post<{ Body: Buffer | undefined }>(
    '/events',
    {
      bodyLimit: bodyBytesMax,
      config: { access: ['ingest'], signed: true },
      schema: {
        summary: 'Append events (CloudEvents: one, a batch, NDJSON, or binary); answers after the commit',
        consumes: [...EVENT_CONTENT_TYPES],
      },
    },
    async (request) => {
      const sender = request.viewer?.name ?? signedBy(toFeedRequest(request))
      if (sender === undefined) throw problem('not-signed-in')
      const items = eventItems(request.headers, request.body ?? Buffer.alloc(0))
      try {
        return await ingest.ingest(items, sender)
      } catch (error) {
        throw ingestProblem(error) ?? error
      }
    },
  )
}
