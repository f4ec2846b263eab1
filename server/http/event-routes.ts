/** POST /api/v1/events: CloudEvents in, a durable answer out. 400 only when the body does not parse; else each event has its outcome. */
import type { FastifyError, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { type FieldError, problem } from './problems.ts'

/** What the route needs of the ingest service; structural, so that http stays below ingest. */
export interface IngestPort {
  ingest(
    items: readonly IngestPortItem[],
    sender: string,
  ): Promise<{
    readonly accepted: number
    readonly duplicates: number
    readonly conflicts: number
    readonly rejected: readonly (FieldError & { readonly index: number })[]
  }>
}
export type IngestPortItem =
  | { readonly value: unknown }
  | { readonly unparsable: string; readonly text: string }

export interface EventRoutesOptions {
  readonly ingest: IngestPort
  /** Larger bodies are refused with 413 before they are read to the end. */
  readonly bodyBytesMax: number
}

const STRUCTURED = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'
const LINES = 'application/x-ndjson'

interface ParsedBody {
  readonly items: readonly IngestPortItem[]
}

export const eventRoutes: FastifyPluginAsync<EventRoutesOptions> = async (app, options) => {
  app.removeAllContentTypeParsers()
  const parsers: readonly (readonly [string, (text: string) => ParsedBody])[] = [
    [STRUCTURED, parseStructured],
    [BATCH, parseBatch],
    [LINES, parseLines],
  ]
  for (const [contentType, parse] of parsers)
    app.addContentTypeParser(
      contentType,
      { parseAs: 'buffer', bodyLimit: options.bodyBytesMax },
      async (_request: FastifyRequest, body: Buffer) => parse(textOf(body)),
    )

  app.post<{ Body: ParsedBody | undefined }>(
    '/events',
    {
      bodyLimit: options.bodyBytesMax,
      config: { access: ['ingest'] },
      schema: {
        summary: 'Append events (CloudEvents: one, a batch, or NDJSON); answers after the commit',
        consumes: [STRUCTURED, BATCH, LINES],
      },
    },
    async (request) => {
      if (request.body === undefined)
        throw problem('unsupported-media-type', `Send ${STRUCTURED}, ${BATCH} or ${LINES}.`)
      const sender = request.viewer?.name ?? 'http'
      try {
        return await options.ingest.ingest(request.body.items, sender)
      } catch (error) {
        throw unavailable(error) ?? error
      }
    },
  )
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw problem('unparsable', 'The body is not UTF-8.')
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw problem('unparsable', error instanceof Error ? error.message : 'not JSON')
  }
}

function parseStructured(text: string): ParsedBody {
  return { items: [{ value: parseJson(text) }] }
}

function parseBatch(text: string): ParsedBody {
  const value = parseJson(text)
  if (!Array.isArray(value)) throw problem('unparsable', 'A batch is a JSON array of events.')
  return { items: value.map((one: unknown) => ({ value: one })) }
}

/** Empty lines are no items; a torn line is a refused item, and the lines after it go on. */
function parseLines(text: string): ParsedBody {
  const items: IngestPortItem[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    try {
      items.push({ value: JSON.parse(line) })
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'not JSON'
      items.push({ unparsable: `the line is not JSON: ${reason.slice(0, 200)}`, text: line })
    }
  }
  if (items.length === 0) throw problem('unparsable', 'The body holds no event.')
  return { items }
}

/** The ingest service says "come again" with a reason and a time; anything else is a fault of ours. */
function unavailable(error: unknown): FastifyError | undefined {
  if (!(error instanceof Error) || !('retryAfterSeconds' in error) || !('reason' in error)) return undefined
  const retryAfterSeconds = Number(error.retryAfterSeconds)
  const slug = error.reason === 'busy' ? 'busy' : 'database-unavailable'
  return problem(slug, { retryAfterSeconds }) as unknown as FastifyError
}
