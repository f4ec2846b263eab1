/** Figures out: the day report as JSON, CSV or PDF, and the contacts behind a figure. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type Viewer, viewerClientId } from '../domain/role.ts'
import { INTERVAL_VIEWS, type IntervalView } from '../domain/service-level.ts'
import { CONTACTS_MAX, type ContactBody, type ContactEventBody } from '../wire/api.ts'
import { EVERY_PERSON_OR_READER, STAFF, viewerOf } from './access.ts'
import { sayLeftOff } from './list-bounds.ts'
import { problem } from './problems.ts'
import { checkedDay, checkedInstantMs, closedObject, Day, Id, Instant, Seconds } from './schemas.ts'

export interface DayReportQuery {
  readonly day: string
  readonly queueId: string | null
  readonly answerThresholdSeconds: number | null
  readonly shortAbandonSeconds: number | null
  readonly intervalMinutes: number | null
  /** In which interval a contact counts; null = queues by arrival, clients as promised. */
  readonly view: IntervalView | null
  /** Only this client's queues, and no agents' names; null = everything. */
  readonly clientId: string | null
  /** Language of the PDF. */
  readonly language: string
}

export interface ReportPort {
  /** Undefined when the queue is unknown (or not the client's). */
  json(query: DayReportQuery): Promise<object | undefined>
  csv(query: DayReportQuery): Promise<string | undefined>
  pdf(query: DayReportQuery): Promise<Uint8Array | undefined>
}

/** The first of a list, and how many more there are. */
export interface ContactList {
  readonly contacts: readonly ContactBody[]
  readonly leftOff: number
}

export interface ContactPort {
  /** By arrival, [from, to); undefined when the queue is unknown (or not the client's). */
  contacts(query: {
    readonly queueId: string
    readonly fromMs: number
    readonly toMs: number
    /** `event`: contacts count when their service level was decided. */
    readonly view: 'arrival' | 'event'
    readonly clientId: string | null
    readonly limit: number
  }): Promise<ContactList | undefined>
  /** The day in the queue's own zone; undefined when the queue is unknown. */
  dayBounds(queueId: string, day: string): { readonly startMs: number; readonly endMs: number } | undefined
  /** Undefined when nothing is known of the contact. */
  events(contactId: string): Promise<readonly ContactEventBody[] | undefined>
}

/** A drill-down is about a figure of the board or of a report: a week at most. */
const CONTACT_SPAN_MS_MAX = 8 * 86_400_000
/** Ids of sources may be long; the ledger takes them up to this length. */
const ContactId = Type.String({ minLength: 1, maxLength: 600 })
/** The work of a view is no contact: `worked` counts contacts as `arrival` does. */
const ContactView = Type.Optional(Type.Union([Type.Literal('arrival'), Type.Literal('event')]))
const INTERVALS = ['5', '15', '30', '60'] as const

export const reportRoutes: FastifyPluginAsyncTypebox<{
  readonly reports: ReportPort
  readonly contacts: ContactPort
}> = async (app, { reports, contacts }) => {
  app.get(
    '/reports/day',
    {
      config: { access: EVERY_PERSON_OR_READER },
      schema: {
        summary: 'The figures of one day: queues, intervals, agents, clients',
        querystring: Type.Object(
          {
            date: Day,
            queue: Type.Optional(Id),
            threshold: Type.Optional(Seconds),
            shortAbandon: Type.Optional(Seconds),
            interval: Type.Optional(Type.Union(INTERVALS.map((minutes) => Type.Literal(minutes)))),
            view: Type.Optional(Type.Union(INTERVAL_VIEWS.map((view) => Type.Literal(view)))),
            format: Type.Optional(
              Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('pdf')]),
            ),
            language: Type.Optional(Type.Union([Type.Literal('en'), Type.Literal('fr')])),
          },
          closedObject,
        ),
      },
    },
    async (request, reply) => {
      const { date, queue, threshold, shortAbandon, interval, view, format, language } = request.query
      const query: DayReportQuery = {
        day: checkedDay(date, '/date'),
        queueId: queue ?? null,
        answerThresholdSeconds: numberOrNull(threshold),
        shortAbandonSeconds: numberOrNull(shortAbandon),
        intervalMinutes: numberOrNull(interval),
        view: view ?? null,
        clientId: viewerClientId(viewerOf(request)),
        language: language ?? 'en',
      }
      reply.header('cache-control', 'no-store')
      if (format === 'csv') {
        const csv = found(await reports.csv(query))
        return download(reply, `vigie-${date}.csv`).type('text/csv; charset=utf-8').send(csv)
      }
      if (format === 'pdf') {
        const pdf = found(await reports.pdf(query))
        return download(reply, `vigie-${date}.pdf`).type('application/pdf').send(Buffer.from(pdf))
      }
      return found(await reports.json(query))
    },
  )

  app.get(
    '/queues/:id/contacts',
    {
      config: { access: EVERY_PERSON_OR_READER },
      schema: {
        summary: 'The contacts behind a figure, by arrival',
        params: Type.Object({ id: Id }),
        querystring: Type.Union([
          Type.Object({ from: Instant, to: Instant, view: ContactView }, closedObject),
          Type.Object({ date: Day, view: ContactView }, closedObject),
        ]),
      },
    },
    async (request, reply) => {
      const { fromMs, toMs } = spanOf(request.params.id, request.query)
      if (toMs <= fromMs || toMs - fromMs > CONTACT_SPAN_MS_MAX)
        throw problem('invalid-request', {
          errors: [{ pointer: '/to', detail: 'must be after "from", by eight days at most' }],
        })
      const viewer: Viewer = viewerOf(request)
      const clientId = viewerClientId(viewer)
      const list = found(
        await contacts.contacts({
          queueId: request.params.id,
          fromMs,
          toMs,
          view: request.query.view ?? 'arrival',
          clientId,
          limit: CONTACTS_MAX,
        }),
      )
      sayLeftOff(reply, list.leftOff)
      return list.contacts
    },
  )

  app.get(
    '/contacts/:contactId/events',
    {
      config: { access: STAFF },
      schema: {
        summary: 'The events of one contact as received, the caller masked',
        params: Type.Object({ contactId: ContactId }),
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return found(await contacts.events(request.params.contactId))
    },
  )

  function spanOf(
    queueId: string,
    query: { readonly from: string; readonly to: string } | { readonly date: string },
  ) {
    if (!('date' in query))
      return { fromMs: checkedInstantMs(query.from, '/from'), toMs: checkedInstantMs(query.to, '/to') }
    const { startMs, endMs } = found(contacts.dayBounds(queueId, checkedDay(query.date, '/date')))
    return { fromMs: startMs, toMs: endMs }
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw problem('not-found')
  return value
}

function numberOrNull(text: string | undefined): number | null {
  return text === undefined ? null : Number(text)
}

function download<R extends { header(name: string, value: string): R }>(reply: R, fileName: string): R {
  return reply.header('content-disposition', `attachment; filename="${fileName}"`)
}
