/** Sign-in by one-time link, sign-out, and who I am. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Clock } from '../domain/clock.ts'
import type { SiteSetting } from '../domain/settings.ts'
import type { MeBody } from '../wire/api.ts'
import { EVERY_PERSON, EVERY_PERSON_OR_READER, viewerOf } from './access.ts'
import { SESSION_COOKIE } from './authentication.ts'
import { problem } from './problems.ts'
import { closedObject } from './schemas.ts'

export interface SessionPort {
  signIn(linkSecret: string): Promise<{ readonly secret: string; readonly expiresAtMs: number } | undefined>
  signOut(sessionSecret: string): Promise<void>
}

export interface SessionRoutesOptions {
  readonly sessions: SessionPort
  readonly site: () => SiteSetting
  readonly clock: Clock
  readonly version: string
  /** True where the server is reached by https only (a proxy in front that says so). */
  readonly secureCookies: boolean
  readonly signInsPerMinuteMax: number
}

export const sessionRoutes: FastifyPluginAsyncTypebox<SessionRoutesOptions> = async (app, options) => {
  const { sessions, site, clock, version } = options
  const cookie = (secure: boolean) =>
    ({ path: '/', httpOnly: true, sameSite: 'strict', secure: secure || options.secureCookies }) as const

  app.post(
    '/sign-in',
    {
      config: {
        access: 'open',
        rateLimit: { max: options.signInsPerMinuteMax, timeWindow: '1 minute' },
      },
      schema: {
        summary: 'Exchange a one-time sign-in link for a session cookie',
        body: Type.Object({ secret: Type.String({ minLength: 1, maxLength: 200 }) }, closedObject),
      },
    },
    async (request, reply) => {
      const session = await sessions.signIn(request.body.secret)
      if (session === undefined) throw problem('sign-in-refused')
      return reply
        .setCookie(SESSION_COOKIE, session.secret, {
          ...cookie(request.protocol === 'https'),
          expires: new Date(session.expiresAtMs),
        })
        .header('cache-control', 'no-store')
        .code(204)
        .send()
    },
  )

  app.post(
    '/sign-out',
    { config: { access: EVERY_PERSON }, schema: { summary: 'End this session' } },
    async (request, reply) => {
      const secret = request.cookies[SESSION_COOKIE]
      if (secret !== undefined) await sessions.signOut(secret)
      return reply
        .clearCookie(SESSION_COOKIE, cookie(request.protocol === 'https'))
        .code(204)
        .send()
    },
  )

  app.get(
    '/clock',
    {
      config: { access: [...EVERY_PERSON_OR_READER, 'ingest'] },
      schema: { summary: "The site's clock, which may be a scaled one: feeds that replay keep to it" },
    },
    async () => ({ nowMs: clock.nowMs(), clockSpeed: clock.speed }),
  )

  app.get(
    '/me',
    { config: { access: EVERY_PERSON }, schema: { summary: 'Who I am, and the clock of the site' } },
    async (request): Promise<MeBody> => {
      const viewer = viewerOf(request)
      if (viewer.kind !== 'user') throw problem('not-allowed')
      const { name, zone, currency } = site()
      return {
        name: viewer.name,
        role: viewer.role,
        clientId: viewer.clientId,
        siteName: name,
        zone,
        currency,
        nowMs: clock.nowMs(),
        clockSpeed: clock.speed,
        version,
      }
    },
  )
}
