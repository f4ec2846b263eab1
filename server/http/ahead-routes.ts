/** The look-ahead: as it was last computed, and computed again on demand. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { AheadBody } from '../wire/ahead.ts'
import { STAFF, STAFF_OR_READER } from './access.ts'
import { problem } from './problems.ts'
import { closedObject, Id } from './schemas.ts'

export interface AheadPort {
  readonly body: AheadBody
  run(): Promise<AheadBody>
}

const query = Type.Object({ queue: Type.Optional(Id) }, closedObject)

export const aheadRoutes: FastifyPluginAsyncTypebox<{
  readonly lookAhead: AheadPort
  readonly isQueue: (queueId: string) => boolean
}> = async (app, { lookAhead, isQueue }) => {
  const part = (body: AheadBody, queueId: string | undefined): AheadBody => {
    if (queueId === undefined) return body
    if (!isQueue(queueId)) throw problem('not-found')
    return { ...body, queues: body.queues.filter((queue) => queue.queueId === queueId) }
  }

  app.get(
    '/look-ahead',
    {
      config: { access: STAFF_OR_READER },
      schema: { summary: 'How the day ends, and what would help, as last computed', querystring: query },
    },
    async (request) => part(lookAhead.body, request.query.queue),
  )

  app.post(
    '/look-ahead/run',
    {
      config: { access: STAFF, rateLimit: { max: 30, timeWindow: 60_000 } },
      schema: { summary: 'Look ahead again, from what is known now', querystring: query },
    },
    async (request) => part(await lookAhead.run(), request.query.queue),
  )
}
