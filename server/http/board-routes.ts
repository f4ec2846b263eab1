/** Composed boards for the staff, their links, and the one door through which a screen comes in. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import {
  BOARD_TEXT_MAX,
  type BoardComposition,
  type BoardLink,
  type BoardVersion,
  type NewBoardLink,
} from '../wire/board-composition.ts'
import { nameOf, STAFF, STAFF_OR_READER } from './access.ts'
import { BOARD_COOKIE } from './authentication.ts'
import { Composition } from './board-schema.ts'
import { type FieldError, problem } from './problems.ts'
import { closedObject, Id } from './schemas.ts'

export interface BoardsPort {
  list(): readonly BoardVersion[]
  find(boardId: string): BoardVersion | undefined
  history(boardId: string): Promise<readonly BoardVersion[]>
  put(change: {
    readonly boardId: string
    readonly baseVersion: number
    readonly changedBy: string
    readonly body: BoardComposition | null
  }): Promise<
    | { readonly kind: 'stored'; readonly version: BoardVersion }
    | { readonly kind: 'conflict'; readonly newestVersion: number }
    | { readonly kind: 'invalid'; readonly problems: readonly FieldError[] }
  >
}

export interface BoardLinksPort {
  ofBoard(boardId: string): Promise<readonly BoardLink[]>
  create(
    boardId: string,
    label: string,
    createdBy: string,
  ): Promise<{ readonly link: BoardLink; readonly secret: string } | undefined>
  open(secret: string, ownSession: string | undefined): Promise<string | null | undefined>
  revoke(linkId: string): Promise<boolean>
}

export interface BoardRoutesOptions {
  readonly boards: BoardsPort
  readonly links: BoardLinksPort
  readonly newBoardId: () => string
  readonly opensPerMinuteMax: number
}

/** Where a screen's cookie goes: nothing else of the server ever sees it. */
const SHARED_BOARD_PATH = '/api/v1/shared-board'
/** The longest that browsers keep a cookie: a screen hangs for years, and comes by every day. */
const COOKIE_SECONDS = 400 * 86_400

const byId = Type.Object({ id: Id })

export const boardRoutes: FastifyPluginAsyncTypebox<BoardRoutesOptions> = async (app, options) => {
  const { boards, links } = options
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  const put = async (change: Parameters<BoardsPort['put']>[0]): Promise<BoardVersion> => {
    const outcome = await boards.put(change)
    if (outcome.kind === 'stored') return outcome.version
    if (outcome.kind === 'conflict')
      throw problem('board-changed', `The newest version is ${outcome.newestVersion}.`)
    throw problem('invalid-board', {
      errors: outcome.problems.map(({ pointer, detail }) => ({ pointer: `/body${pointer}`, detail })),
    })
  }

  app.get(
    '/boards',
    {
      config: { access: STAFF_OR_READER },
      schema: { summary: 'Composed boards; deleted ones have no body' },
    },
    async () => boards.list(),
  )

  app.get(
    '/boards/:id',
    { config: { access: STAFF_OR_READER }, schema: { summary: 'One board', params: byId } },
    async (request): Promise<BoardVersion> => {
      const found = boards.find(request.params.id)
      if (found === undefined || found.body === null) throw problem('not-found')
      return found
    },
  )

  app.get(
    '/boards/:id/history',
    {
      config: { access: STAFF_OR_READER },
      schema: { summary: 'Every version of a board, newest first', params: byId },
    },
    async (request): Promise<readonly BoardVersion[]> => {
      const versions = await boards.history(request.params.id)
      if (versions.length === 0) throw problem('not-found')
      return [...versions].sort((a, b) => b.version - a.version)
    },
  )

  app.post(
    '/boards',
    {
      config: { access: STAFF },
      schema: { summary: 'Store a new board', body: Type.Object({ body: Composition }, closedObject) },
    },
    async (request, reply) => {
      const boardId = options.newBoardId()
      const { body } = request.body
      return reply.code(201).send(await put({ boardId, baseVersion: 0, changedBy: nameOf(request), body }))
    },
  )

  app.put(
    '/boards/:id',
    {
      config: { access: STAFF },
      schema: {
        summary: 'Store a new version (body null deletes; any body after that restores)',
        params: byId,
        body: Type.Object(
          { version: Type.Integer({ minimum: 1 }), body: Type.Union([Composition, Type.Null()]) },
          closedObject,
        ),
      },
    },
    async (request) => {
      const boardId = request.params.id
      if (boards.find(boardId) === undefined) throw problem('not-found')
      const { version, body } = request.body
      return put({ boardId, baseVersion: version, changedBy: nameOf(request), body })
    },
  )

  app.get(
    '/boards/:id/links',
    { config: { access: STAFF }, schema: { summary: 'Links to a board, with their last use', params: byId } },
    async (request): Promise<readonly BoardLink[]> => links.ofBoard(request.params.id),
  )

  app.post(
    '/boards/:id/links',
    {
      config: { access: STAFF },
      schema: {
        summary: 'A new link for one screen; the answer holds its secret, once',
        params: byId,
        body: Type.Object({ label: Type.String({ minLength: 1, maxLength: BOARD_TEXT_MAX }) }, closedObject),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      if (boards.find(id)?.body == null) throw problem('not-found')
      const created = await links.create(id, request.body.label, nameOf(request))
      if (created === undefined)
        throw problem('invalid-board', 'This board has as many links as it may have: revoke some.')
      const answer: NewBoardLink = { ...created.link, path: `/#/screen/${created.secret}` }
      return reply.code(201).send(answer)
    },
  )

  app.delete(
    '/board-links/:id',
    { config: { access: STAFF }, schema: { summary: 'Revoke a link: its screen goes dark', params: byId } },
    async (request, reply) => {
      if (!(await links.revoke(request.params.id))) throw problem('not-found')
      return reply.code(204).send()
    },
  )

  app.post(
    '/shared-board',
    {
      config: { access: 'open', rateLimit: { max: options.opensPerMinuteMax, timeWindow: '1 minute' } },
      schema: {
        summary: "Exchange a board link's secret for a screen's cookie, once",
        body: Type.Object({ secret: Type.String({ minLength: 1, maxLength: 200 }) }, closedObject),
      },
    },
    async (request, reply) => {
      const session = await links.open(request.body.secret, request.cookies[BOARD_COOKIE])
      if (session === undefined) throw problem('board-link-refused')
      if (session === null) return reply.code(204).send()
      return reply
        .setCookie(BOARD_COOKIE, session, {
          path: SHARED_BOARD_PATH,
          httpOnly: true,
          sameSite: 'strict',
          secure: request.protocol === 'https',
          maxAge: COOKIE_SECONDS,
        })
        .code(204)
        .send()
    },
  )

  app.get(
    '/shared-board',
    { config: { access: ['board'] }, schema: { summary: 'Whether this screen may still watch' } },
    async (request, reply) => {
      // Seen every day, the cookie is given anew: it ends when the link does.
      const session = request.cookies[BOARD_COOKIE] ?? ''
      return reply
        .setCookie(BOARD_COOKIE, session, {
          path: SHARED_BOARD_PATH,
          httpOnly: true,
          sameSite: 'strict',
          secure: request.protocol === 'https',
          maxAge: COOKIE_SECONDS,
        })
        .send({ label: nameOf(request) })
    },
  )
}
