/** The director's plans: one queue and day, drafts, publishing, copying, CSV. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { PlanOutcome, PlanService } from '../planning/plan-service.ts'
import type { PlanVersionBody } from '../wire/api.ts'
import { ADMINISTRATION, nameOf, STAFF_OR_READER } from './access.ts'
import { problem } from './problems.ts'
import { checkedDay, closedObject, Day, Id } from './schemas.ts'

/** What the routes ask of planning. */
export type PlanningService = Pick<
  PlanService,
  'planDay' | 'saveDraft' | 'publish' | 'copy' | 'csv' | 'versions'
>

const AGENTS_MAX = 100_000
/** A day of 25 hours in steps of five minutes. */
const INTERVALS_PER_DAY_MAX = 300
const params = Type.Object({ queueId: Id, day: Day })
const PlanBody = Type.Object(
  {
    agents: Type.Array(Type.Integer({ minimum: 0, maximum: AGENTS_MAX }), {
      maxItems: INTERVALS_PER_DAY_MAX,
    }),
    baseVersion: Type.Integer({ minimum: 0 }),
  },
  closedObject,
)

export const planningRoutes: FastifyPluginAsyncTypebox<{ readonly planning: PlanningService }> = async (
  app,
  { planning },
) => {
  const read = { access: STAFF_OR_READER }
  const write = { access: ADMINISTRATION }
  const place = (request: { readonly params: { readonly queueId: string; readonly day: string } }) => ({
    queueId: request.params.queueId,
    day: checkedDay(request.params.day, '/day'),
  })

  app.get(
    '/plans/:queueId/:day',
    { config: read, schema: { summary: 'Forecast, requirement and plan of one queue and day', params } },
    async (request) => {
      const { queueId, day } = place(request)
      return found(await planning.planDay(queueId, day))
    },
  )

  app.get(
    '/plans/:queueId/:day/versions',
    { config: read, schema: { summary: 'Every version of the plan', params } },
    async (request) => {
      const { queueId, day } = place(request)
      return found(await planning.versions(queueId, day))
    },
  )

  app.get(
    '/plans/:queueId/:day/csv',
    { config: read, schema: { summary: 'The plan as CSV', params } },
    async (request, reply) => {
      const { queueId, day } = place(request)
      const csv = found(await planning.csv(queueId, day))
      return reply
        .header('content-disposition', `attachment; filename="plan-${day}.csv"`)
        .type('text/csv; charset=utf-8')
        .send(csv)
    },
  )

  app.put(
    '/plans/:queueId/:day',
    { config: write, schema: { summary: 'Save a draft', params, body: PlanBody } },
    async (request) =>
      settled(await planning.saveDraft({ ...place(request), ...request.body, author: nameOf(request) })),
  )

  app.post(
    '/plans/:queueId/:day/publish',
    {
      config: write,
      schema: { summary: 'Publish: this version never changes again', params, body: PlanBody },
    },
    async (request) =>
      settled(await planning.publish({ ...place(request), ...request.body, author: nameOf(request) })),
  )

  app.post(
    '/plans/:queueId/:day/copy',
    {
      config: write,
      schema: {
        summary: 'Copy the newest plan to another day, as a draft',
        params,
        body: Type.Object({ toDay: Day }, closedObject),
      },
    },
    async (request) => {
      const toDay = checkedDay(request.body.toDay, '/toDay')
      return settled(await planning.copy({ ...place(request), toDay, author: nameOf(request) }))
    },
  )
}

function settled(outcome: PlanOutcome): PlanVersionBody {
  switch (outcome.kind) {
    case 'stored':
      return outcome.plan
    case 'conflict':
      throw problem('plan-changed', `The newest version is ${outcome.newestVersion}.`)
    case 'invalid':
      throw problem('invalid-plan', { errors: outcome.problems })
    case 'not-found':
      throw problem('not-found')
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw problem('not-found')
  return value
}
