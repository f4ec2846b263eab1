/** GET /api/v1/sources: how each feed fares; GET /api/v1/sources/dead-letters: every refused line that is kept of one, as CSV. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { SourceStateBody } from '../wire/api.ts'
import { ADMINISTRATION, STAFF_OR_READER } from './access.ts'
import { closedObject } from './schemas.ts'

interface KeptLetter {
  readonly receivedAtMs: number
  readonly place: string
  readonly reason: string
  readonly excerpt: string
}

export interface SourcesPort {
  states(): Promise<readonly SourceStateBody[]>
  /** Newest first. */
  deadLetters(source: string): Promise<readonly KeptLetter[]>
}

const SourceName = Type.String({ minLength: 1, maxLength: 256 })

export const sourceRoutes: FastifyPluginAsyncTypebox<{ readonly sources: SourcesPort }> = async (
  app,
  { sources },
) => {
  app.get(
    '/sources',
    { config: { access: STAFF_OR_READER }, schema: { summary: 'Feeds: state, counts and refused input' } },
    async () => sources.states(),
  )

  app.get(
    '/sources/dead-letters',
    {
      config: { access: ADMINISTRATION },
      schema: {
        summary: 'Refused lines of one source that are kept (the newest 10 000), as CSV',
        querystring: Type.Object({ source: SourceName }, closedObject),
      },
    },
    async ({ query }, reply) => {
      const letters = await sources.deadLetters(query.source)
      const rows = letters.map(({ receivedAtMs, place, reason, excerpt }) =>
        [new Date(receivedAtMs).toISOString(), place, reason, excerpt].map(cell).join(','),
      )
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="refused.csv"')
        .send(`${['received_at,place,reason,excerpt', ...rows].join('\r\n')}\r\n`)
    },
  )
}

/** Somebody else's text: a spreadsheet must not take it for a formula. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
