/** Callers who gave up: the list, who was rung back, whole numbers for who may see them, and who may. Never for a client. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RingBackBook } from '../ring-back/ring-back-book.ts'
import { NUMBERS_PER_REQUEST_MAX } from '../wire/ring-back.ts'
import { ADMINISTRATION, nameOf, STAFF, viewerOf } from './access.ts'
import { problem } from './problems.ts'
import { checkedDay, checkedInstantMs, closedObject, Day, Id, Instant } from './schemas.ts'

export interface RingBackRoutesOptions {
  readonly ringBacks: Pick<RingBackBook, 'list' | 'numbers' | 'mark' | 'mayReadNumbers' | 'rights' | 'allow'>
  /** The day in the queue's own zone; undefined when the queue is unknown. */
  readonly dayBounds: (
    queueId: string,
    day: string,
  ) => { readonly startMs: number; readonly endMs: number } | undefined
  readonly isQueue: (queueId: string) => boolean
  readonly isUser: (userId: string) => Promise<boolean>
}

const SPAN_MS_MAX = 8 * 86_400_000
/** The budget is an hour's: within this time some of it is back. */
const RETRY_AFTER_SECONDS = 600
const ContactId = Type.String({ minLength: 1, maxLength: 600 })

export const ringBackRoutes: FastifyPluginAsyncTypebox<RingBackRoutesOptions> = async (app, options) => {
  const { ringBacks } = options
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.get(
    '/ring-back',
    {
      config: { access: STAFF },
      schema: {
        summary: 'Callers who gave up in a queue, by arrival, numbers masked',
        querystring: Type.Union([
          Type.Object({ queue: Id, from: Instant, to: Instant }, closedObject),
          Type.Object({ queue: Id, date: Day }, closedObject),
        ]),
      },
    },
    async (request) => {
      const { query } = request
      if (!options.isQueue(query.queue)) throw problem('not-found')
      const { fromMs, toMs } = spanOf(query)
      if (toMs <= fromMs || toMs - fromMs > SPAN_MS_MAX)
        throw problem('invalid-request', {
          errors: [{ pointer: '/to', detail: 'must be after "from", by eight days at most' }],
        })
      return ringBacks.list({ queueId: query.queue, fromMs, toMs }, viewerOf(request))
    },
  )

  app.post(
    '/ring-back/numbers',
    {
      config: { access: STAFF },
      schema: {
        summary: 'Whole numbers of abandoned contacts, for who may see them; bounded and recorded',
        body: Type.Object(
          {
            contactIds: Type.Array(ContactId, {
              minItems: 1,
              maxItems: NUMBERS_PER_REQUEST_MAX,
              uniqueItems: true,
            }),
          },
          closedObject,
        ),
      },
    },
    async (request) => {
      const viewer = viewerOf(request)
      if (viewer.kind !== 'user' || !(await ringBacks.mayReadNumbers(viewer))) throw problem('not-allowed')
      const shown = await ringBacks.numbers(request.body.contactIds, viewer)
      if (shown === undefined) throw problem('too-many-requests', { retryAfterSeconds: RETRY_AFTER_SECONDS })
      return shown
    },
  )

  app.put(
    '/ring-back/contacts/:contactId',
    {
      config: { access: STAFF },
      schema: {
        summary: 'Mark the caller of an abandoned contact as rung back, or take the mark back',
        params: Type.Object({ contactId: ContactId }),
        body: Type.Object(
          { version: Type.Integer({ minimum: 0, maximum: 1_000_000 }), rung: Type.Boolean() },
          closedObject,
        ),
      },
    },
    async (request) => {
      const stored = await ringBacks.mark(request.params.contactId, request.body, nameOf(request))
      if (stored === 'unknown') throw problem('not-found')
      if (stored === 'conflict') throw problem('ring-back-changed')
      return stored
    },
  )

  app.get(
    '/ring-back/rights',
    {
      config: { access: ADMINISTRATION },
      schema: { summary: 'Which supervisors may see whole numbers, and how many were shown to whom' },
    },
    async () => ringBacks.rights(),
  )

  app.put(
    '/ring-back/rights/:userId',
    {
      config: { access: ADMINISTRATION },
      schema: {
        summary: 'Give a supervisor the right to see whole numbers, or take it away',
        params: Type.Object({ userId: Id }),
        body: Type.Object({ allowed: Type.Boolean() }, closedObject),
      },
    },
    async (request, reply) => {
      if (!(await options.isUser(request.params.userId))) throw problem('not-found')
      await ringBacks.allow(request.params.userId, request.body.allowed, nameOf(request))
      return reply.code(204).send()
    },
  )

  function spanOf(
    query: { readonly queue: string } & (
      | { readonly from: string; readonly to: string }
      | { readonly date: string }
    ),
  ) {
    if (!('date' in query))
      return { fromMs: checkedInstantMs(query.from, '/from'), toMs: checkedInstantMs(query.to, '/to') }
    const bounds = options.dayBounds(query.queue, checkedDay(query.date, '/date'))
    if (bounds === undefined) throw problem('not-found')
    return { fromMs: bounds.startMs, toMs: bounds.endMs }
  }
}
