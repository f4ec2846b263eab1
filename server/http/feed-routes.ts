/**
 * POST /api/v1/feeds/<source>: feeds that push. Open to everybody, because each is known by the signature of its raw body,
 * checked before anything is parsed; a wrong one learns nothing. Answers after the commit.
 */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { IngestPort, IngestPortItem } from './event-routes.ts'
import { ingestProblem } from './ingest-answer.ts'
import { problem } from './problems.ts'
import { type FeedRequest, toFeedRequest } from './raw-request.ts'

/** A source that is set up and enabled. */
export interface PushFeed {
  /** Name in the counts of the sources. */
  readonly sender: string
  verify(request: FeedRequest): boolean
  /** Throws nothing: what cannot be used is an unparsable item. */
  map(request: FeedRequest): {
    readonly items: readonly IngestPortItem[]
    readonly unknownVerbs: readonly string[]
  }
}

export interface FeedRoutesOptions {
  readonly feeds: {
    find(sourceId: string): PushFeed | undefined
    /** Counts a refused signature and unknown verbs; never waits. */
    note(
      sourceId: string,
      what: { readonly refused: boolean; readonly unknownVerbs: readonly string[] },
    ): void
  }
  readonly ingest: IngestPort
  readonly bodyBytesMax: number
}

export const feedRoutes: FastifyPluginAsync<FeedRoutesOptions> = async (
  app,
  { feeds, ingest, bodyBytesMax },
) => {
  app.removeAllContentTypeParsers()
  // Raw, whatever it is: the signature covers the bytes.
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: bodyBytesMax },
    async (_request: FastifyRequest, body: Buffer) => body,
  )

  app.post<{ Params: { sourceId: string }; Body: Buffer | undefined }>(
    '/feeds/:sourceId',
    {
      bodyLimit: bodyBytesMax,
      config: { access: 'open' },
      schema: {
        summary: 'Events of a feed that pushes, by its own signature (Standard Webhooks, Twilio)',
      },
    },
    async (request) => {
      const { sourceId } = request.params
      const feed = feeds.find(sourceId)
      const feedRequest = toFeedRequest(request)
      // An unknown source and a wrong signature look the same from outside.
      if (feed === undefined || !feed.verify(feedRequest)) {
        if (feed !== undefined) feeds.note(sourceId, { refused: true, unknownVerbs: [] })
        throw problem('not-signed-in')
      }
      const { items, unknownVerbs } = feed.map(feedRequest)
      if (unknownVerbs.length > 0) feeds.note(sourceId, { refused: false, unknownVerbs })
      if (items.length === 0) return { accepted: 0, duplicates: 0, conflicts: 0, rejected: [] }
      try {
        return await ingest.ingest(items, feed.sender)
      } catch (error) {
        throw ingestProblem(error) ?? error
      }
    },
  )
}
