/** The websockets of the boards. Rights are checked before the upgrade; the hub does the rest. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { WebSocket } from 'ws'
import { viewerClientId } from '../domain/role.ts'
import type { LiveViewer } from '../push/live-viewer.ts'
import { BOARD_SLICES, type BoardSliceName } from '../wire/board.ts'
import { EVERY_PERSON_OR_READER, viewerOf } from './access.ts'
import { problem } from './problems.ts'
import { Id } from './schemas.ts'

export interface LivePort {
  attach(socket: WebSocket, viewer: LiveViewer): void
}

const Resume = Type.Optional(Type.String({ pattern: '^\\d{1,16}$' }))

export const liveRoute: FastifyPluginAsyncTypebox<{ readonly live: LivePort }> = async (app, { live }) => {
  app.get(
    '/live',
    {
      websocket: true,
      config: { access: EVERY_PERSON_OR_READER },
      schema: {
        summary: 'A live board (WebSocket; see PROTOCOL.md)',
        querystring: Type.Object({
          resume: Resume,
          board: Type.Optional(Id),
          slices: Type.Optional(Type.String({ pattern: '^[a-z-]{1,40}(,[a-z-]{1,40}){0,15}$' })),
        }),
      },
      preValidation: async (request) => {
        // Said before the upgrade, where it can still be said in words.
        slicesOf((request.query as { readonly slices?: unknown }).slices)
      },
    },
    (socket, request) => {
      const viewer = viewerOf(request)
      const { resume, board, slices } = request.query
      const clientId = viewerClientId(viewer)
      live.attach(socket, {
        clientId,
        watched:
          board === undefined
            ? { kind: 'everything', slices: slicesOf(slices) }
            : { kind: 'board', boardId: board },
        agentNames: clientId === null ? 'always' : 'never',
        linkId: null,
        credentialKey: request.credentialKey ?? '',
        userId: viewer.kind === 'user' ? viewer.userId : null,
        resumeSeq: resumeSeq(resume),
      })
    },
  )

  app.get(
    '/shared-board/live',
    {
      websocket: true,
      config: { access: ['board'] },
      schema: {
        summary: 'The board of a link (WebSocket; see PROTOCOL.md)',
        querystring: Type.Object({ resume: Resume }),
      },
    },
    (socket, request) => {
      const viewer = viewerOf(request)
      // The access names nobody else; the type does not know.
      if (viewer.kind !== 'board') throw problem('not-allowed')
      live.attach(socket, {
        clientId: null,
        watched: { kind: 'board', boardId: viewer.boardId },
        agentNames: 'by-board',
        linkId: viewer.linkId,
        credentialKey: request.credentialKey ?? '',
        userId: null,
        resumeSeq: resumeSeq(request.query.resume),
      })
    },
  )
}

function resumeSeq(text: string | undefined): number | null {
  return text === undefined ? null : Number(text)
}

function slicesOf(text: unknown): readonly BoardSliceName[] {
  if (typeof text !== 'string') return []
  const names = new Set(text.split(','))
  const known = BOARD_SLICES.filter((name) => names.has(name))
  if (known.length === names.size) return known
  throw problem('invalid-request', {
    errors: [{ pointer: '/slices', detail: `must name some of ${BOARD_SLICES.join(', ')}` }],
  })
}
