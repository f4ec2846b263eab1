/** Every error of the server becomes one problem+json answer; stacks and SQL stay in the log. */
import type { IncomingMessage } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ProblemBody } from '../wire/api.ts'
import { PROBLEMS, type ProblemDetails, ProblemError, type ProblemSlug, problem } from './problems.ts'

const SLUG_BY_CODE: Readonly<Record<string, ProblemSlug>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'unparsable',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'unparsable',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'unparsable',
}

const RETRY_AFTER_SECONDS = 2
/** What is read of a body that is refused anyway. */
const DISCARDED_BYTES_MAX = 67_108_864
const DISCARD_MS_MAX = 5_000

export interface ErrorHandling {
  readonly onFault: (error: unknown) => void
  /** The database cannot be reached at the moment: nothing is wrong with the request. */
  readonly isDatabaseAway: (error: unknown) => boolean
}

export function addErrorHandling(app: FastifyInstance, { onFault, isDatabaseAway }: ErrorHandling): void {
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const known = isDatabaseAway(error)
      ? problem('database-unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
      : toProblem(error)
    if (known.statusCode >= 500) onFault(error)
    if (known.slug === 'body-too-large') await discardRest(request.raw)
    return sendProblem(reply, request, known.slug, known.details)
  })
  app.setNotFoundHandler((request, reply) => sendProblem(reply, request, 'not-found', {}))
}

/** A sender that is still writing would see a broken connection instead of the answer, and send it all again for ever. */
function discardRest(body: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0
    const timer = setTimeout(stop, DISCARD_MS_MAX)
    function count(part: Buffer) {
      bytes += part.length
      if (bytes > DISCARDED_BYTES_MAX) stop()
    }
    function stop() {
      clearTimeout(timer)
      body.off('data', count).off('end', stop).off('close', stop).off('error', stop)
      resolve()
    }
    if (body.readableEnded || body.destroyed) stop()
    else body.on('data', count).once('end', stop).once('close', stop).once('error', stop).resume()
  })
}

function toProblem(error: FastifyError): ProblemError {
  if (error instanceof ProblemError) return error
  if (error.validation !== undefined)
    return problem('invalid-request', {
      detail: summaryOf(error, error.validation),
      errors: error.validation.map((one) => ({
        pointer: pointerOf(one),
        detail: unknownField(one) ?? one.message ?? 'is not valid',
      })),
    })
  const slug = SLUG_BY_CODE[error.code]
  if (slug !== undefined) return problem(slug, error.message)
  if (error.statusCode === 429) return problem('too-many-requests')
  // Other faults of the request that Fastify found: a broken address, a header too long.
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return problem(error.statusCode === 404 ? 'not-found' : 'invalid-request', error.message)
  return problem('internal')
}

function pointerOf(one: {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}): string {
  const field = one.params.missingProperty ?? one.params.additionalProperty
  return typeof field === 'string' ? `${one.instancePath}/${field}` : one.instancePath
}

/** The validator's own words for a field too many do not say which one. */
function unknownField(one: { readonly params: Readonly<Record<string, unknown>> }): string | undefined {
  const field = one.params.additionalProperty
  return typeof field === 'string' ? `"${field}" is not known here` : undefined
}

function summaryOf(error: FastifyError, validation: NonNullable<FastifyError['validation']>): string {
  const unknown = validation.flatMap((one) => unknownField(one) ?? [])
  return unknown.length === 0
    ? error.message
    : `${error.validationContext ?? 'request'}: ${unknown.join(', ')}`
}

function problemBody(slug: ProblemSlug, details: ProblemDetails, instance: string): ProblemBody {
  const { status, title } = PROBLEMS[slug]
  return {
    type: `/problems/${slug}`,
    title,
    status,
    ...(details.detail === undefined ? {} : { detail: details.detail }),
    instance,
    ...(details.errors === undefined ? {} : { errors: details.errors }),
  }
}

function sendProblem(
  reply: FastifyReply,
  request: FastifyRequest,
  slug: ProblemSlug,
  details: ProblemDetails,
): FastifyReply {
  if (details.retryAfterSeconds !== undefined) reply.header('retry-after', String(details.retryAfterSeconds))
  if (PROBLEMS[slug].status === 401) reply.header('www-authenticate', 'Bearer')
  return (
    reply
      .code(PROBLEMS[slug].status)
      .header('cache-control', 'no-store')
      .type('application/problem+json; charset=utf-8')
      // Sent as text: a response schema of the route must not cut fields off.
      .send(JSON.stringify(problemBody(slug, details, request.id)))
  )
}
