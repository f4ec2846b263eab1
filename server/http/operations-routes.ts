/** For machines that look after the server: alive, ready, metrics, and the description of the API. */
import type { FastifyPluginAsync } from 'fastify'
import { EVERY_PERSON_OR_READER, STAFF_OR_READER } from './access.ts'
import { problem } from './problems.ts'

export interface OperationsRoutesOptions {
  /** Resolves when the ledger can be read and written; rejects with the reason. */
  readonly checkReady: () => Promise<void>
  /** Prometheus text. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

export const operationsRoutes: FastifyPluginAsync<OperationsRoutesOptions> = async (app, options) => {
  app.get('/healthz', { config: { access: 'open' }, schema: { summary: 'Alive' } }, async () => ({
    status: 'alive',
  }))

  app.get(
    '/readyz',
    { config: { access: 'open' }, schema: { summary: 'Migrated, ledger writable' } },
    async (request) => {
      try {
        await options.checkReady()
      } catch (error) {
        request.log.warn({ err: error }, 'not ready')
        throw problem('database-unavailable', { retryAfterSeconds: 2 })
      }
      return { status: 'ready' }
    },
  )

  app.get(
    '/metrics',
    { config: { access: STAFF_OR_READER }, schema: { summary: 'Figures of the server for Prometheus' } },
    async (_request, reply) => {
      const { contentType, text } = await options.metrics()
      return reply.type(contentType).send(text)
    },
  )

  app.get(
    '/api/v1/openapi.json',
    { config: { access: EVERY_PERSON_OR_READER }, schema: { summary: 'This description' } },
    async () => app.swagger(),
  )
}
