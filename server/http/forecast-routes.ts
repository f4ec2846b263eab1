/** Forecasts: spans and days against what came, versions, manual edits, one-off marks, special days, runs with progress. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { ForecastOutcome } from '../planning/forecast-outcome.ts'
import type { ForecastService } from '../planning/forecast-service.ts'
import { daysBetween } from '../planning/forecast-span.ts'
import {
  FORECAST_CSV_BYTES_MAX,
  FORECAST_INTERVAL_DAYS_MAX,
  FORECAST_RANGE_DAYS_MAX,
} from '../wire/forecast-api.ts'
import { ADMINISTRATION, nameOf, STAFF, STAFF_OR_READER } from './access.ts'
import { NewEdit, NewOneOff, NewRun } from './forecast-schemas.ts'
import { type ProblemSlug, problem } from './problems.ts'
import { checkedDay, closedObject, Day, Id } from './schemas.ts'

/** What the routes ask of planning. */
export type ForecastPort = Pick<
  ForecastService,
  'views' | 'edits' | 'oneOffs' | 'csv' | 'uploadCsv' | 'specialDays' | 'startRun' | 'currentRun'
>

const read = { access: STAFF_OR_READER }
const write = { access: ADMINISTRATION }
const mark = { access: STAFF }
const Queue = Type.Object({ queueId: Id })
const QueueDay = Type.Object({ queueId: Id, day: Day })
const RowId = Type.String({ pattern: '^\\d{1,15}$' })
const Span = { from: Day, to: Day }
/** A file of values; long enough for a reason of 500 characters, percent-encoded. */
const REASON_LENGTH_MAX = 500

export const forecastRoutes: FastifyPluginAsyncTypebox<{ readonly forecasts: ForecastPort }> = async (
  app,
  { forecasts },
) => {
  const { views } = forecasts

  app.get(
    '/forecasts/:queueId',
    {
      config: read,
      schema: {
        summary: 'Days of a queue: forecast with its band, what came, errors beside the Poisson floor',
        params: Queue,
        querystring: Type.Object({ ...Span, detail: Type.Optional(Type.Literal('intervals')) }, closedObject),
      },
    },
    async (request) => {
      const detailed = request.query.detail === 'intervals'
      const daysMax = detailed ? FORECAST_INTERVAL_DAYS_MAX : FORECAST_RANGE_DAYS_MAX
      return found(await views.range(spanOf(request, daysMax), detailed))
    },
  )

  app.get(
    '/forecasts/:queueId/days/:day',
    {
      config: read,
      schema: { summary: 'One day by interval, with its edits and one-off marks', params: QueueDay },
    },
    async (request) => {
      const { queueId, day } = placeOf(request)
      return found(await views.day(queueId, day))
    },
  )

  app.get(
    '/forecasts/:queueId/days/:day/versions',
    {
      config: read,
      schema: {
        summary: 'Every version of the forecast, newest first: method, author, time, inputs',
        params: QueueDay,
      },
    },
    async (request) => {
      const { queueId, day } = placeOf(request)
      return found(await views.versions(queueId, day))
    },
  )

  app.get(
    '/forecasts/:queueId/days/:day/versions/:version',
    {
      config: read,
      schema: {
        summary: 'One version with its columns',
        params: Type.Object({ queueId: Id, day: Day, version: Type.String({ pattern: '^\\d{1,9}$' }) }),
      },
    },
    async (request) => {
      const { queueId, day } = placeOf(request)
      return found(await views.version(queueId, day, Number(request.params.version)))
    },
  )

  app.get(
    '/forecasts/:queueId/days/:day/compare',
    {
      config: read,
      schema: {
        summary: 'Two versions, the effective forecast, the model or what came, side by side',
        params: QueueDay,
        querystring: Type.Object({ left: Side, right: Side }, closedObject),
      },
    },
    async (request) => {
      const { queueId, day } = placeOf(request)
      return found(await views.compare(queueId, day, request.query))
    },
  )

  app.get(
    '/forecasts/:queueId/methods',
    {
      config: read,
      schema: {
        summary: 'The method in use and how every method did in the last comparison',
        params: Queue,
      },
    },
    async (request) => found(await views.methods(request.params.queueId)),
  )

  app.get(
    '/forecasts/special-days',
    {
      config: read,
      schema: {
        summary: "Holidays of the site's region and what was entered, by day",
        querystring: Type.Object({ ...Span, queueId: Type.Optional(Id) }, closedObject),
      },
    },
    async (request) => {
      const queueId = request.query.queueId ?? null
      const { fromDay, toDay } = daysOf(request.query, SPECIAL_SPAN_DAYS_MAX)
      return found(forecasts.specialDays(queueId, fromDay, toDay))
    },
  )

  await app.register(editRoutes, { forecasts })
  await app.register(csvRoutes, { forecasts })
  await app.register(oneOffRoutes, { forecasts })
  await app.register(runRoutes, { forecasts })
}

const Side = Type.String({ pattern: '^(\\d{1,9}|model|effective|actuals)$' })
/** Ten years of holidays. */
const SPECIAL_SPAN_DAYS_MAX = 3660

const editRoutes: FastifyPluginAsyncTypebox<{ readonly forecasts: ForecastPort }> = async (
  app,
  { forecasts: { edits } },
) => {
  app.get(
    '/forecasts/:queueId/edits',
    {
      config: read,
      schema: {
        summary: 'Manual edits that touch the days, newest first',
        params: Queue,
        querystring: Type.Object({ ...Span, removed: Type.Optional(Type.Literal('true')) }, closedObject),
      },
    },
    async (request) => {
      const span = spanOf(request, FORECAST_RANGE_DAYS_MAX)
      return found(await edits.list(span, request.query.removed === 'true'))
    },
  )

  app.post(
    '/forecasts/:queueId/edits',
    {
      config: write,
      bodyLimit: FORECAST_CSV_BYTES_MAX,
      schema: {
        summary: 'Edit the forecast: set, add, percent, min, max, smooth, or single cells',
        params: Queue,
        body: NewEdit,
      },
    },
    async (request, reply) => {
      const outcome = await edits.add(request.params.queueId, request.body, nameOf(request))
      return reply.code(201).send(settled(outcome, 'invalid-forecast-edit'))
    },
  )

  const params = Type.Object({ queueId: Id, editId: RowId })
  app.delete(
    '/forecasts/:queueId/edits/:editId',
    {
      config: write,
      schema: { summary: 'Take an edit back', params },
    },
    async (request) => {
      const { queueId, editId } = request.params
      return settled(await edits.remove(queueId, editId, nameOf(request)), 'invalid-forecast-edit')
    },
  )

  app.post(
    '/forecasts/:queueId/edits/:editId/restore',
    {
      config: write,
      schema: { summary: 'Put an edit back that was taken back', params },
    },
    async (request) => {
      const { queueId, editId } = request.params
      return settled(await edits.restore(queueId, editId), 'invalid-forecast-edit')
    },
  )
}

const csvRoutes: FastifyPluginAsyncTypebox<{ readonly forecasts: ForecastPort }> = async (
  app,
  { forecasts },
) => {
  app.addContentTypeParser(
    'text/csv',
    { parseAs: 'string', bodyLimit: FORECAST_CSV_BYTES_MAX },
    (_request, body, done) => done(null, body),
  )

  app.get(
    '/forecasts/:queueId/csv',
    {
      config: read,
      schema: {
        summary: 'The effective forecast as CSV',
        params: Queue,
        querystring: Type.Object(Span, closedObject),
      },
    },
    async (request, reply) => {
      const span = spanOf(request, FORECAST_RANGE_DAYS_MAX)
      const csv = found(await forecasts.csv(span))
      const name = `forecast-${span.fromDay}-${span.toDay}.csv`
      return reply
        .header('content-disposition', `attachment; filename="${name}"`)
        .type('text/csv; charset=utf-8')
        .send(csv)
    },
  )

  app.post(
    '/forecasts/:queueId/edits/csv',
    {
      config: write,
      bodyLimit: FORECAST_CSV_BYTES_MAX,
      schema: {
        summary: 'Edit the forecast with a CSV: day,time,contacts,aht_seconds',
        params: Queue,
        querystring: Type.Object(
          { reason: Type.String({ minLength: 1, maxLength: REASON_LENGTH_MAX }) },
          closedObject,
        ),
      },
    },
    async (request, reply) => {
      if (typeof request.body !== 'string') throw problem('unsupported-media-type', 'Send it as text/csv.')
      const outcome = await forecasts.uploadCsv(request.params.queueId, {
        text: request.body,
        reason: request.query.reason,
        author: nameOf(request),
      })
      return reply.code(201).send(settled(outcome, 'invalid-forecast-csv'))
    },
  )
}

const oneOffRoutes: FastifyPluginAsyncTypebox<{ readonly forecasts: ForecastPort }> = async (
  app,
  { forecasts: { oneOffs } },
) => {
  app.get(
    '/forecasts/:queueId/one-offs',
    {
      config: read,
      schema: {
        summary: 'Stretches that nothing is learned from',
        params: Queue,
        querystring: Type.Object(Span, closedObject),
      },
    },
    async (request) => found(await oneOffs.list(spanOf(request, FORECAST_RANGE_DAYS_MAX))),
  )

  app.post(
    '/forecasts/:queueId/one-offs',
    {
      config: mark,
      schema: {
        summary: 'Mark a stretch of a day as one-off: nothing is learned from it',
        params: Queue,
        body: NewOneOff,
      },
    },
    async (request, reply) => {
      const outcome = await oneOffs.add(request.params.queueId, request.body, nameOf(request))
      return reply.code(201).send(settled(outcome, 'invalid-one-off'))
    },
  )

  app.delete(
    '/forecasts/:queueId/one-offs/:id',
    {
      config: mark,
      schema: {
        summary: 'Take a one-off mark back',
        params: Type.Object({ queueId: Id, id: RowId }),
      },
    },
    async (request) => {
      const { queueId, id } = request.params
      return settled(await oneOffs.remove(queueId, id, nameOf(request)), 'invalid-one-off')
    },
  )
}

const runRoutes: FastifyPluginAsyncTypebox<{ readonly forecasts: ForecastPort }> = async (
  app,
  { forecasts },
) => {
  app.post(
    '/forecasts/runs',
    {
      config: write,
      schema: {
        summary: 'Compare the methods and forecast the coming days of many queues, in the background',
        body: NewRun,
      },
    },
    async (request, reply) => {
      const outcome = forecasts.startRun(request.body, nameOf(request))
      switch (outcome.kind) {
        case 'started':
          return reply.code(202).send(outcome.run)
        case 'running': {
          const { queuesDone, queuesTotal, author } = outcome.run
          throw problem(
            'forecast-running',
            `A run of ${author} is at ${queuesDone} of ${queuesTotal} queues; see /api/v1/forecasts/runs/current.`,
          )
        }
        case 'unknown-queue':
          throw problem('invalid-request', {
            errors: [{ pointer: '/queueIds', detail: `there is no queue "${outcome.queueId}"` }],
          })
      }
    },
  )

  app.get(
    '/forecasts/runs/current',
    {
      config: read,
      schema: {
        summary: 'The forecast run under way, or the last one; "idle" when there was none since the start',
      },
    },
    async () => forecasts.currentRun(),
  )
}

function placeOf(request: { readonly params: { readonly queueId: string; readonly day: string } }) {
  return { queueId: request.params.queueId, day: checkedDay(request.params.day, '/day') }
}

function daysOf(query: { readonly from: string; readonly to: string }, daysMax: number) {
  const fromDay = checkedDay(query.from, '/from')
  const toDay = checkedDay(query.to, '/to')
  const refuse = (detail: string) => problem('invalid-request', { errors: [{ pointer: '/to', detail }] })
  if (toDay < fromDay) throw refuse('is before "from"')
  if (daysBetween(fromDay, toDay) >= daysMax) throw refuse(`is more than ${daysMax} days from "from"`)
  return { fromDay, toDay }
}

function spanOf(
  request: {
    readonly params: { readonly queueId: string }
    readonly query: { readonly from: string; readonly to: string }
  },
  daysMax: number,
) {
  return { queueId: request.params.queueId, ...daysOf(request.query, daysMax) }
}

function settled<T>(outcome: ForecastOutcome<T>, slug: ProblemSlug): T {
  switch (outcome.kind) {
    case 'done':
      return outcome.value
    case 'invalid':
      throw problem(slug, { errors: outcome.problems })
    case 'not-found':
      throw problem('not-found')
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw problem('not-found')
  return value
}
