/** Figures of any scope and window, an agent's day, and the schedules of days. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { viewerClientId } from '../domain/role.ts'
import { INTERVAL_VIEWS, type IntervalView } from '../domain/service-level.ts'
import type { AgentNowBody, RevisionBody } from '../wire/figures.ts'
import { ADMINISTRATION, EVERY_PERSON_OR_READER, nameOf, STAFF, viewerOf } from './access.ts'
import { problem } from './problems.ts'
import { checkedDay, checkedInstantMs, closedObject, Day, Id, Instant } from './schemas.ts'

const SCOPES = ['queue', 'client', 'team', 'site'] as const
const WINDOWS = ['now', 'interval', '30min', 'today', 'day', 'span'] as const
/** A month: more is a report of its own. */
const SPAN_MS_MAX = 32 * 86_400_000
/** A thousand agents with fifty pieces each. */
const SCHEDULE_BYTES_MAX = 4_194_304

export interface FiguresQuery {
  readonly scope: (typeof SCOPES)[number]
  /** Of the queue, client or team; empty for the site. */
  readonly id: string
  readonly window: (typeof WINDOWS)[number]
  /** Only for the window `day`. */
  readonly date: string | null
  /** Only for the window `span`. */
  readonly fromMs: number | null
  readonly toMs: number | null
  /** Null: each queue in the view of its promise. */
  readonly view: IntervalView | null
  /** Only what this client may see; null = everything. */
  readonly clientId: string | null
}

/** Who waits and who is there at this moment. For a team the contacts that wait are null. */
export interface NowBody {
  readonly waiting: number | null
  readonly waitingPastThreshold: number | null
  readonly longestWaitSeconds: number | null
  readonly talking: number
  readonly agents: {
    readonly available: number
    readonly onContact: number
    readonly reserved: number
    readonly afterContactWork: number
    readonly notReady: number
    readonly staffed: number
  }
  readonly coverage: {
    readonly staffed: number
    readonly required: number | null
    readonly planned: number | null
    readonly scheduled: number | null
    readonly ofRequiredRatio: number | null
    readonly ofPlannedRatio: number | null
    readonly ofScheduledRatio: number | null
  }
}

/** The figures are those of a day report's rows; see there. */
export interface FiguresBody {
  readonly scope: string
  readonly id: string
  readonly window: string
  readonly from: string
  readonly to: string
  readonly view: IntervalView | null
  readonly now?: NowBody
}

export interface AgentDayBody {
  readonly agent: string
  readonly name: string
  readonly date: string
  /** Null for another day than today, and for an agent of whom nothing was heard. */
  readonly now: AgentNowBody | null
  readonly figures: object | null
  readonly segments: readonly object[]
  readonly schedule: readonly object[]
}

export interface FiguresPort {
  /** Undefined when there is no such thing, or it is not the client's. */
  figures(query: FiguresQuery): Promise<FiguresBody | undefined>
  agentDay(agentId: string, date: string): Promise<AgentDayBody | undefined>
  /** Every revision of the queue's intervals of the day; undefined when there is no such queue, or it is not the client's. */
  revisions(
    queueId: string,
    date: string,
    clientId: string | null,
  ): Promise<readonly RevisionBody[] | undefined>
  readonly schedules: {
    day(day: string): Promise<object | undefined>
    put(
      day: string,
      csv: string,
      author: string,
    ): Promise<{ readonly problems: readonly { readonly line: number; readonly detail: string }[] } | object>
  }
}

export const figuresRoutes: FastifyPluginAsyncTypebox<{ readonly figures: FiguresPort }> = async (
  app,
  { figures },
) => {
  app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => done(null, body))

  app.get(
    '/figures',
    {
      config: { access: EVERY_PERSON_OR_READER },
      schema: {
        summary:
          'Figures of a queue, client, team or the site: now, this interval, the last 30 minutes, a day, a span',
        querystring: Type.Object(
          {
            scope: Type.Union(SCOPES.map((scope) => Type.Literal(scope))),
            id: Type.Optional(Id),
            window: Type.Optional(Type.Union(WINDOWS.map((window) => Type.Literal(window)))),
            date: Type.Optional(Day),
            from: Type.Optional(Instant),
            to: Type.Optional(Instant),
            view: Type.Optional(Type.Union(INTERVAL_VIEWS.map((view) => Type.Literal(view)))),
          },
          closedObject,
        ),
      },
    },
    async (request, reply) => {
      const { scope, id, date, from, to, view } = request.query
      const asked: string = request.query.window ?? 'today'
      const window = WINDOWS.find((name) => name === asked) ?? 'today'
      if ((id === undefined) !== (scope === 'site')) refuse('/id', 'is needed, except for the site')
      if ((date !== undefined) !== (window === 'day')) refuse('/date', 'goes with the window "day"')
      const isSpan = window === 'span'
      if ((from !== undefined) !== isSpan) refuse('/from', 'goes with the window "span"')
      if ((to !== undefined) !== isSpan) refuse('/to', 'goes with the window "span"')
      const fromMs = from === undefined ? null : checkedInstantMs(from, '/from')
      const toMs = to === undefined ? null : checkedInstantMs(to, '/to')
      if (fromMs !== null && toMs !== null && (toMs <= fromMs || toMs - fromMs > SPAN_MS_MAX))
        refuse('/to', 'must be after "from", by 32 days at most')
      const clientId = viewerClientId(viewerOf(request))
      // Who answers for a client is no business of the client's.
      if (clientId !== null && (scope === 'team' || scope === 'site')) throw problem('not-found')
      const body = await figures.figures({
        scope,
        id: id ?? '',
        window,
        date: date === undefined ? null : checkedDay(date, '/date'),
        fromMs,
        toMs,
        view: view ?? null,
        clientId,
      })
      if (body === undefined) throw problem('not-found')
      reply.header('cache-control', 'no-store')
      return body
    },
  )

  app.get(
    '/queues/:id/revisions',
    {
      config: { access: EVERY_PERSON_OR_READER },
      schema: {
        summary: 'What changed in intervals of a day after their figures were final, revision by revision',
        params: Type.Object({ id: Id }),
        querystring: Type.Object({ date: Day }, closedObject),
      },
    },
    async (request, reply) => {
      const day = checkedDay(request.query.date, '/date')
      const found = await figures.revisions(request.params.id, day, viewerClientId(viewerOf(request)))
      if (found === undefined) throw problem('not-found')
      reply.header('cache-control', 'no-store')
      return found
    },
  )

  app.get(
    '/agents/:id/day',
    {
      config: { access: STAFF },
      schema: {
        summary: "An agent's day: figures, the line of states, and the schedule",
        params: Type.Object({ id: Id }),
        querystring: Type.Object({ date: Day }, closedObject),
      },
    },
    async (request, reply) => {
      const body = await figures.agentDay(request.params.id, checkedDay(request.query.date, '/date'))
      if (body === undefined) throw problem('not-found')
      reply.header('cache-control', 'no-store')
      return body
    },
  )

  app.get(
    '/schedules/:day',
    {
      config: { access: STAFF },
      schema: { summary: 'What each agent is to do on the day', params: Type.Object({ day: Day }) },
    },
    async (request) => {
      const found = await figures.schedules.day(checkedDay(request.params.day, '/day'))
      if (found === undefined) throw problem('not-found')
      return found
    },
  )

  app.put(
    '/schedules/:day',
    {
      bodyLimit: SCHEDULE_BYTES_MAX,
      config: { access: ADMINISTRATION },
      schema: {
        summary: 'Replaces the schedule of the day: text/csv with agent,activity,start,end',
        consumes: ['text/csv'],
        params: Type.Object({ day: Day }),
        body: Type.String({ description: 'Times HH:MM of the site; the activity "on-queue" is to be ready' }),
      },
    },
    async (request) => {
      const day = checkedDay(request.params.day, '/day')
      const outcome = await figures.schedules.put(day, request.body, nameOf(request))
      if (!('problems' in outcome)) return outcome
      throw problem('invalid-request', {
        detail: 'Nothing was stored.',
        errors: outcome.problems.map(({ line, detail }) => ({
          pointer: `/${line}`,
          detail: `line ${line}: ${detail}`,
        })),
      })
    },
  )
}

function refuse(pointer: string, detail: string): never {
  throw problem('invalid-request', { errors: [{ pointer, detail }] })
}
