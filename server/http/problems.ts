/** The one registry of errors: what the API answers as application/problem+json (RFC 9457) and explains at /problems/<slug>. */

interface ProblemKind {
  readonly status: number
  readonly title: string
  /** What it means and what to do, for the page of the problem. */
  readonly explanation: string
}

export const PROBLEMS = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid',
    explanation:
      'A part of the address, the query or the body is not what the API asks for. "errors" points to each field. Nothing was changed.',
  },
  unparsable: {
    status: 400,
    title: 'The body cannot be parsed',
    explanation:
      'The body is not the JSON (or the lines of JSON) that its content type announces. Nothing was stored.',
  },
  'not-signed-in': {
    status: 401,
    title: 'Not signed in',
    explanation:
      'The request has no valid session and no valid token. Open a sign-in link, or send "Authorization: Bearer <token>".',
  },
  'sign-in-refused': {
    status: 401,
    title: 'The sign-in link does not work',
    explanation:
      'A sign-in link works once and for a limited time. Ask for a new one (set-up pages, or "vigie user link").',
  },
  'not-allowed': {
    status: 403,
    title: 'Not allowed',
    explanation: 'The role of this person or token does not include this.',
  },
  'cross-site-request': {
    status: 403,
    title: 'Request from another site',
    explanation:
      'The request carries a session but was sent by a page of another site. Behind a proxy, start the server with --trust-proxy.',
  },
  'not-found': { status: 404, title: 'Not found', explanation: 'There is nothing at this address for you.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    explanation: 'The address exists, the method does not.',
  },
  'setting-changed': {
    status: 409,
    title: 'The setting was changed meanwhile',
    explanation: 'Somebody stored a newer version. Read it, and apply your change to that one.',
  },
  'plan-changed': {
    status: 409,
    title: 'The plan was changed meanwhile',
    explanation: 'Somebody stored a newer version of this plan. Read it, and apply your change to that one.',
  },
  'board-changed': {
    status: 409,
    title: 'The board was changed meanwhile',
    explanation: 'Somebody stored a newer version of this board. Read it, and apply your change to that one.',
  },
  'board-link-refused': {
    status: 401,
    title: 'The board link does not work',
    explanation:
      'A board link is opened once, by one screen, and ends when it is revoked. Ask for a new link for this screen.',
  },
  'invalid-board': {
    status: 422,
    title: 'The board is not valid',
    explanation:
      'The composition was understood, but cannot be shown. "errors" points to each field. Nothing was stored.',
  },
  'alert-changed': {
    status: 409,
    title: 'The alert was changed meanwhile',
    explanation: 'It ended, or somebody else acknowledged it. The boards show it as it is now.',
  },
  'note-changed': {
    status: 409,
    title: 'The note was changed meanwhile',
    explanation: 'Somebody stored a newer version of this note. Read it, and apply your change to that one.',
  },
  'ring-back-changed': {
    status: 409,
    title: 'Somebody else took this caller meanwhile',
    explanation:
      'A colleague marked this caller as rung back, or took the mark back. The list shows it as it is now.',
  },
  'no-such-moment': {
    status: 404,
    title: 'There is no board of this moment',
    explanation: "A board can be seen of every moment from the ledger's first event until now.",
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    explanation:
      'Send fewer events per request, or a forecast with fewer days. Nothing of this request was stored.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported content type',
    explanation: 'The content type of the body is not one that this address takes.',
  },
  'invalid-setting': {
    status: 422,
    title: 'The setting is not valid',
    explanation: 'The body was understood, but what it sets cannot be. "errors" points to each field.',
  },
  'invalid-plan': {
    status: 422,
    title: 'The plan is not valid',
    explanation: 'A plan has one whole number of agents, zero or more, for each interval of its day.',
  },
  'invalid-forecast-edit': {
    status: 422,
    title: 'The edit of the forecast is not valid',
    explanation:
      'The body was understood, but cannot be laid over the forecast. "errors" points to each field. Nothing was changed.',
  },
  'invalid-forecast-csv': {
    status: 422,
    title: 'The file of the forecast is not valid',
    explanation:
      'A row is not what a forecast has. "errors" names the lines as /line/N, the header being line 1. Nothing of the file was taken.',
  },
  'invalid-one-off': {
    status: 422,
    title: 'The one-off mark is not valid',
    explanation:
      'A mark is a stretch of a day that has begun, on the grid of the queue, with a reason. Nothing was changed.',
  },
  'forecast-running': {
    status: 409,
    title: 'A forecast run is under way',
    explanation: 'One run at a time. /api/v1/forecasts/runs/current tells how far it is.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    explanation: 'Come again after the time that "Retry-After" names. Nothing of this request was done.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    explanation: 'A fault of the server. The log has the cause under the id in "instance".',
  },
  busy: {
    status: 503,
    title: 'Busy',
    explanation:
      'More is waiting to be written than the server takes on. Nothing of this request was stored: send it again after "Retry-After".',
  },
  'database-unavailable': {
    status: 503,
    title: 'The database is not available',
    explanation:
      'The database cannot be reached or written. Nothing of this request was stored: send it again after "Retry-After".',
  },
} as const satisfies Readonly<Record<string, ProblemKind>>

export type ProblemSlug = keyof typeof PROBLEMS

export interface FieldError {
  readonly pointer: string
  readonly detail: string
}

export interface ProblemDetails {
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
}

/** Thrown by routes, never by services: the error handler turns it into the answer. */
export class ProblemError extends Error {
  readonly slug: ProblemSlug
  readonly statusCode: number
  readonly details: ProblemDetails
  constructor(slug: ProblemSlug, details: ProblemDetails) {
    super(details.detail ?? PROBLEMS[slug].title)
    this.slug = slug
    this.statusCode = PROBLEMS[slug].status
    this.details = details
  }
}

export function problem(slug: ProblemSlug, details: ProblemDetails | string = {}): ProblemError {
  return new ProblemError(slug, typeof details === 'string' ? { detail: details } : details)
}

export function isProblemSlug(text: string): text is ProblemSlug {
  return Object.hasOwn(PROBLEMS, text)
}
