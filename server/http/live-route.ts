/** GET /api/v1/live: the websocket of the wall board. Rights are checked before the upgrade; the hub does the rest. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { WebSocket } from 'ws'
import { viewerClientId } from '../domain/role.ts'
import { EVERY_PERSON_OR_READER, viewerOf } from './access.ts'

export interface LivePort {
  attach(
    socket: WebSocket,
    viewer: {
      readonly clientId: string | null
      readonly credentialKey: string
      readonly userId: string | null
      readonly resumeSeq: number | null
    },
  ): void
}

export const liveRoute: FastifyPluginAsyncTypebox<{ readonly live: LivePort }> = async (app, { live }) => {
  app.get(
    '/live',
    {
      websocket: true,
      config: { access: EVERY_PERSON_OR_READER },
      schema: {
        summary: 'The live board (WebSocket; see PROTOCOL.md)',
        querystring: Type.Object({ resume: Type.Optional(Type.String({ pattern: '^\\d{1,16}$' })) }),
      },
    },
    (socket, request) => {
      const viewer = viewerOf(request)
      const { resume } = request.query
      live.attach(socket, {
        clientId: viewerClientId(viewer),
        credentialKey: request.credentialKey ?? '',
        userId: viewer.kind === 'user' ? viewer.userId : null,
        resumeSeq: resume === undefined ? null : Number(resume),
      })
    },
  )
}
