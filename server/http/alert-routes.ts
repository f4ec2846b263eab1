/** Alerts with their acknowledgement, thresholds, and the notes pinned to a time. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { AlertBook } from '../alerts/alert-book.ts'
import type { ThresholdVersion } from '../alerts/alert-store.ts'
import type { NoteBook, NoteOutcome } from '../alerts/note-book.ts'
import { viewerClientId } from '../domain/role.ts'
import { dayBounds } from '../domain/site-calendar.ts'
import {
  type AlertBody,
  type AlertsBody,
  type AlertThresholdsBody,
  ENDED_ALERTS_MAX,
  NOTE_HEADS_MAX,
  NOTE_KINDS,
  NOTE_TEXT_MAX,
  type NoteBody,
  SITE_SCOPE,
} from '../wire/alerts.ts'
import { ADMINISTRATION, EVERY_PERSON_OR_READER, nameOf, STAFF, STAFF_OR_READER, viewerOf } from './access.ts'
import { problem } from './problems.ts'
import { checkedDay, closedObject, Day, Id } from './schemas.ts'

export interface AlertRoutesOptions {
  readonly alerts: Pick<AlertBook, 'open' | 'ended' | 'acknowledge' | 'thresholdsOf' | 'putThresholds'>
  readonly notes: Pick<NoteBook, 'notes' | 'add' | 'change' | 'remove' | 'versions'>
  readonly site: () => { readonly zone: string }
  readonly nowMs: () => number
  /** What of an alert a client may see; undefined = nothing. */
  readonly forClient: (alert: AlertBody, clientId: string) => AlertBody | undefined
  readonly isScope: (scope: string) => boolean
}

const Hours = Type.String({ pattern: '^\\d{1,2}$' })
const HISTORY_HOURS = 24
const minutes = Type.Integer({ minimum: 0, maximum: 480 })
const seconds = Type.Integer({ minimum: 5, maximum: 86_400 })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const Thresholds = Type.Object(
  {
    levelMinutes: orNull(minutes),
    longestWaitSeconds: orNull(seconds),
    coverageRatio: orNull(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    coverageMinutes: minutes,
    silentSourceSeconds: orNull(seconds),
  },
  closedObject,
)
const Note = Type.Object(
  {
    fromMs: Type.Number(),
    toMs: Type.Number(),
    queueId: orNull(Id),
    kind: Type.Union(NOTE_KINDS.map((kind) => Type.Literal(kind))),
    heads: orNull(Type.Integer({ minimum: 1, maximum: NOTE_HEADS_MAX })),
    text: Type.String({ minLength: 1, maxLength: NOTE_TEXT_MAX }),
  },
  closedObject,
)
const Version = Type.Integer({ minimum: 0 })
const VersionQuery = Type.Object({ version: Type.String({ pattern: '^\\d{1,9}$' }) }, closedObject)
const noteParams = Type.Object({ noteId: Id })

export const alertRoutes: FastifyPluginAsyncTypebox<AlertRoutesOptions> = async (app, options) => {
  const { alerts, notes, nowMs } = options

  app.get(
    '/alerts',
    {
      config: { access: EVERY_PERSON_OR_READER },
      schema: {
        summary: 'Open alerts, and those that ended in the last hours',
        querystring: Type.Object({ hours: Type.Optional(Hours) }, closedObject),
      },
    },
    async (request): Promise<AlertsBody> => {
      const now = nowMs()
      const sinceMs = now - Number(request.query.hours ?? HISTORY_HOURS) * 3_600_000
      const clientId = viewerClientId(viewerOf(request))
      const seen = (list: readonly AlertBody[]) =>
        clientId === null ? list : list.flatMap((alert) => options.forClient(alert, clientId) ?? [])
      const ended = seen(alerts.ended(sinceMs))
      return {
        nowMs: now,
        open: seen(alerts.open()),
        ended: ended.slice(0, ENDED_ALERTS_MAX),
        endedLeftOff: Math.max(0, ended.length - ENDED_ALERTS_MAX),
      }
    },
  )

  app.post(
    '/alerts/:alertId/acknowledge',
    {
      config: { access: STAFF },
      schema: {
        summary: 'Say that somebody looks after it',
        params: Type.Object({ alertId: Id }),
        body: Type.Object({ version: Version }, closedObject),
      },
    },
    async (request, reply) => {
      const { alertId } = request.params
      const outcome = await alerts.acknowledge(alertId, request.body.version, nameOf(request))
      if (outcome === 'not-found') throw problem('not-found')
      if (outcome === 'changed') throw problem('alert-changed')
      return reply.status(204).send()
    },
  )

  app.get(
    '/alert-thresholds/:scope',
    {
      config: { access: STAFF_OR_READER },
      schema: { summary: 'When alerts are raised: the site, or a board', params: Type.Object({ scope: Id }) },
    },
    async (request) => thresholdsBody(alerts.thresholdsOf(checkedScope(request.params.scope))),
  )

  app.put(
    '/alert-thresholds/:scope',
    {
      config: { access: ADMINISTRATION },
      schema: {
        summary: 'Store new thresholds; null = those of the site',
        params: Type.Object({ scope: Id }),
        body: Type.Object({ version: Version, body: orNull(Thresholds) }, closedObject),
      },
    },
    async (request) => {
      const scope = checkedScope(request.params.scope)
      const { version, body } = request.body
      if (scope === SITE_SCOPE && body === null)
        throw problem('invalid-request', {
          errors: [{ pointer: '/body', detail: 'the site needs thresholds; null each to have no alerts' }],
        })
      const outcome = await alerts.putThresholds(scope, version, body, nameOf(request))
      if (outcome === 'changed') throw problem('setting-changed')
      return thresholdsBody(outcome)
    },
  )

  app.get(
    '/notes',
    {
      config: { access: EVERY_PERSON_OR_READER },
      schema: { summary: 'Notes of a day', querystring: Type.Object({ day: Day }, closedObject) },
    },
    async (request): Promise<readonly NoteBody[]> => {
      const { startMs, endMs } = dayBounds(options.site().zone, checkedDay(request.query.day, '/day'))
      return notes.notes(startMs, endMs, viewerClientId(viewerOf(request)))
    },
  )

  app.post(
    '/notes',
    { config: { access: STAFF }, schema: { summary: 'Pin a note to a time', body: Note } },
    async (request, reply) => {
      const note = settled(await notes.add(request.body, nameOf(request)))
      return reply.status(201).send(note)
    },
  )

  app.get(
    '/notes/:noteId/versions',
    {
      config: { access: STAFF_OR_READER },
      schema: { summary: 'Every version of a note', params: noteParams },
    },
    async (request) => {
      const versions = await notes.versions(request.params.noteId)
      if (versions.length === 0) throw problem('not-found')
      return versions
    },
  )

  app.put(
    '/notes/:noteId',
    {
      config: { access: STAFF },
      schema: { summary: 'Change a note', params: noteParams, querystring: VersionQuery, body: Note },
    },
    async (request) => {
      const version = Number(request.query.version)
      return settled(await notes.change(request.params.noteId, version, request.body, nameOf(request)))
    },
  )

  app.delete(
    '/notes/:noteId',
    {
      config: { access: STAFF },
      schema: { summary: 'Remove a note; its versions stay', params: noteParams, querystring: VersionQuery },
    },
    async (request, reply) => {
      settled(await notes.remove(request.params.noteId, Number(request.query.version), nameOf(request)))
      return reply.status(204).send()
    },
  )

  function checkedScope(scope: string): string {
    if (scope !== SITE_SCOPE && !options.isScope(scope)) throw problem('not-found')
    return scope
  }
}

function thresholdsBody({
  scope,
  version,
  changedAtMs,
  changedBy,
  body,
}: ThresholdVersion): AlertThresholdsBody {
  const never = version === 0
  return {
    scope,
    version,
    changedAtMs: never ? null : changedAtMs,
    changedBy: never ? null : changedBy,
    body,
  }
}

function settled(outcome: NoteOutcome): NoteBody {
  switch (outcome.kind) {
    case 'stored':
      return outcome.note
    case 'changed':
      throw problem('note-changed', `The newest version is ${outcome.newestVersion}.`)
    case 'invalid':
      throw problem('invalid-request', { errors: outcome.problems })
    case 'not-found':
      throw problem('not-found')
  }
}
