/** Bodies of CloudEvents over HTTP: one (structured), a batch, lines, or one whose attributes are headers (binary). */
import type { IncomingHttpHeaders } from 'node:http'
import { problem } from './problems.ts'

export type IngestPortItem =
  | { readonly value: unknown }
  | { readonly unparsable: string; readonly text: string }

const STRUCTURED = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'
const LINES = 'application/x-ndjson'
const DATA = 'application/json'
export const EVENT_CONTENT_TYPES: readonly string[] = [STRUCTURED, BATCH, LINES, DATA]

/**
 * Throws a problem when the body as a whole cannot be read; a torn line is an item that cannot. Lines are parsed as they are
 * taken: of a large body what has been checked is gone before the next line is read.
 */
export function eventItems(headers: IncomingHttpHeaders, body: Uint8Array): Iterable<IngestPortItem> {
  const contentType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (contentType === STRUCTURED) return [{ value: parseJson(textOf(body)) }]
  if (contentType === BATCH) return parseBatch(textOf(body))
  if (contentType === LINES) return parseLines(textOf(body))
  if (contentType === DATA && headers['ce-specversion'] !== undefined) return [parseBinary(headers, body)]
  throw problem(
    'unsupported-media-type',
    `Send ${STRUCTURED}, ${BATCH} or ${LINES}, or ${DATA} with the attributes as headers ("ce-id" and so on).`,
  )
}

function textOf(body: Uint8Array): string {
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

function parseBatch(text: string): readonly IngestPortItem[] {
  const value = parseJson(text)
  if (!Array.isArray(value)) throw problem('unparsable', 'A batch is a JSON array of events.')
  return value.map((one: unknown) => ({ value: one }))
}

/** Empty lines are no items; a torn line is a refused item, and the lines after it go on. */
function parseLines(text: string): Iterable<IngestPortItem> {
  if (!/\S/.test(text)) throw problem('unparsable', 'The body holds no event.')
  return linesOf(text)
}

function* linesOf(text: string): Generator<IngestPortItem> {
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const line = text.slice(at, end)
    at = end + 1
    if (line.trim() !== '') yield parseLine(line)
  }
}

function parseLine(line: string): IngestPortItem {
  try {
    return { value: JSON.parse(line) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not JSON'
    return { unparsable: `the line is not JSON: ${reason.slice(0, 200)}`, text: line }
  }
}

/** Attributes are headers, percent-encoded where they are not plain ASCII (CloudEvents HTTP binding 1.0.2, 3.1.3.2). */
function parseBinary(headers: IncomingHttpHeaders, body: Uint8Array): IngestPortItem {
  const event: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-') && typeof value === 'string') event[name.slice(3)] = decoded(value)
  }
  if (body.length > 0) event.data = parseJson(textOf(body))
  return { value: event }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
