/** Accounts and API tokens, for administrators and directors. Secrets are in the answer once and never again. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { TOKEN_ROLES, type TokenRole, USER_ROLES, type UserRole } from '../domain/role.ts'
import type { TokenBody, UserBody } from '../wire/api.ts'
import { ADMINISTRATION } from './access.ts'
import { type FieldError, problem } from './problems.ts'
import { closedObject, Id } from './schemas.ts'

export interface PeoplePort {
  users(): Promise<readonly UserBody[]>
  createUser(user: {
    readonly name: string
    readonly role: UserRole
    readonly clientId: string | null
  }): Promise<{ readonly user: UserBody; readonly secret: string }>
  userProblems(user: {
    readonly name: string
    readonly role: string
    readonly clientId: string | null
  }): readonly FieldError[]
  createSignInLink(userId: string): Promise<string | undefined>
  removeUser(id: string): Promise<boolean>
  tokens(): Promise<readonly TokenBody[]>
  createToken(token: {
    readonly name: string
    readonly role: TokenRole
  }): Promise<{ readonly token: TokenBody; readonly secret: string }>
  tokenProblems(token: { readonly name: string; readonly role: string }): readonly FieldError[]
  removeToken(id: string): Promise<boolean>
}

const config = { access: ADMINISTRATION }
const byId = Type.Object({ id: Id })
const Name = Type.String({ minLength: 1, maxLength: 120 })

function signInPath(secret: string): string {
  return `/#/sign-in/${secret}`
}

export const peopleRoutes: FastifyPluginAsyncTypebox<{ readonly people: PeoplePort }> = async (
  app,
  { people },
) => {
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.get('/users', { config, schema: { summary: 'Everybody who can sign in' } }, async () => people.users())

  app.post(
    '/users',
    {
      config,
      schema: {
        summary: 'Create an account; the answer holds its one-time sign-in link',
        body: Type.Object(
          {
            name: Name,
            role: Type.Union(USER_ROLES.map((role) => Type.Literal(role))),
            clientId: Type.Optional(Type.Union([Id, Type.Null()])),
          },
          closedObject,
        ),
      },
    },
    async (request, reply) => {
      const { name, role } = request.body
      const user = { name, role, clientId: request.body.clientId ?? null }
      refuse(people.userProblems(user))
      const created = await people.createUser(user)
      return reply.code(201).send({ ...created.user, signInLink: signInPath(created.secret) })
    },
  )

  app.post(
    '/users/:id/sign-in-link',
    { config, schema: { summary: 'A new one-time sign-in link', params: byId } },
    async (request, reply) => {
      const secret = await people.createSignInLink(request.params.id)
      if (secret === undefined) throw problem('not-found')
      return reply.code(201).send({ signInLink: signInPath(secret) })
    },
  )

  app.delete(
    '/users/:id',
    { config, schema: { summary: 'Remove an account, its sessions and its links', params: byId } },
    async (request, reply) => {
      if (!(await people.removeUser(request.params.id))) throw problem('not-found')
      return reply.code(204).send()
    },
  )

  app.get('/tokens', { config, schema: { summary: 'API tokens' } }, async () => people.tokens())

  app.post(
    '/tokens',
    {
      config,
      schema: {
        summary: 'Create an API token; the answer holds its secret, once',
        body: Type.Object(
          { name: Name, role: Type.Union(TOKEN_ROLES.map((role) => Type.Literal(role))) },
          closedObject,
        ),
      },
    },
    async (request, reply) => {
      refuse(people.tokenProblems(request.body))
      const { token, secret } = await people.createToken(request.body)
      return reply.code(201).send({ ...token, secret })
    },
  )

  app.delete(
    '/tokens/:id',
    { config, schema: { summary: 'Revoke a token', params: byId } },
    async (request, reply) => {
      if (!(await people.removeToken(request.params.id))) throw problem('not-found')
      return reply.code(204).send()
    },
  )
}

function refuse(problems: readonly FieldError[]): void {
  if (problems.length > 0) throw problem('invalid-request', { errors: problems })
}
