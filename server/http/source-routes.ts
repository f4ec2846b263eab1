/** GET /api/v1/sources: each feed's counts, the age of its newest event, and the last input that was refused. */
import type { FastifyPluginAsync } from 'fastify'
import type { SourceStateBody } from '../wire/api.ts'
import { STAFF_OR_READER } from './access.ts'

export interface SourcesPort {
  states(): Promise<readonly SourceStateBody[]>
}

export const sourceRoutes: FastifyPluginAsync<{ readonly sources: SourcesPort }> = async (
  app,
  { sources },
) => {
  app.get(
    '/sources',
    { config: { access: STAFF_OR_READER }, schema: { summary: 'Feeds, their counts and refused input' } },
    async () => sources.states(),
  )
}
