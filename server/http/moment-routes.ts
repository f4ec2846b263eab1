/** Boards of the past, and the month beside the day. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { viewerClientId } from '../domain/role.ts'
import type { MomentBody, MonthToDatesBody } from '../wire/moment.ts'
import { EVERY_PERSON_OR_READER, viewerOf } from './access.ts'
import { problem } from './problems.ts'
import { checkedInstantMs, Instant } from './schemas.ts'

export type MomentOutcome =
  | { readonly kind: 'found'; readonly moment: MomentBody }
  /** Before the ledger's first event, or after now. */
  | { readonly kind: 'outside'; readonly detail: string }
  | { readonly kind: 'busy' }

export interface MomentPort {
  moment(atMs: number, clientId: string | null): Promise<MomentOutcome>
  monthToDate(clientId: string | null): Promise<MonthToDatesBody>
}

export const momentRoutes: FastifyPluginAsyncTypebox<{ readonly moments: MomentPort }> = async (
  app,
  { moments },
) => {
  app.get(
    '/moments/:instant',
    {
      config: { access: EVERY_PERSON_OR_READER, rateLimit: { max: 1_200, timeWindow: 60_000 } },
      schema: { summary: 'The board of a past moment', params: Type.Object({ instant: Instant }) },
    },
    async (request): Promise<MomentBody> => {
      const atMs = checkedInstantMs(request.params.instant, '/instant')
      const outcome = await moments.moment(Math.floor(atMs), viewerClientId(viewerOf(request)))
      switch (outcome.kind) {
        case 'found':
          return outcome.moment
        case 'outside':
          throw problem('no-such-moment', outcome.detail)
        case 'busy':
          throw problem('busy', { retryAfterSeconds: 1 })
      }
    },
  )

  app.get(
    '/month-to-date',
    {
      config: { access: EVERY_PERSON_OR_READER },
      schema: { summary: 'Every contract: today, and the month with it' },
    },
    async (request) => moments.monthToDate(viewerClientId(viewerOf(request))),
  )
}
