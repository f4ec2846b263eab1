/** What a sender is told when nothing of its request was stored: which problem, and when to come again. */
import type { FastifyError } from 'fastify'
import { type ProblemSlug, problem } from './problems.ts'

const SLUG_BY_REASON: Readonly<Record<string, ProblemSlug>> = {
  flood: 'too-many-requests',
  busy: 'busy',
  database: 'database-unavailable',
}

/** The ingest service says "come again" with a reason and a time; anything else is a fault of ours. */
export function ingestProblem(error: unknown): FastifyError | undefined {
  if (!(error instanceof Error) || !('retryAfterSeconds' in error) || !('reason' in error)) return undefined
  const retryAfterSeconds = Number(error.retryAfterSeconds)
  const slug = SLUG_BY_REASON[String(error.reason)] ?? 'database-unavailable'
  return problem(slug, { retryAfterSeconds }) as unknown as FastifyError
}
