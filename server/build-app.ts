/** The HTTP server without listen: plugins, hooks and routes, with every dependency passed in. */
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import { isDatabaseAway } from './db/database-error.ts'
import type { Clock } from './domain/clock.ts'
import type { SiteSetting } from './domain/settings.ts'
import { type AheadPort, aheadRoutes } from './http/ahead-routes.ts'
import { type AlertRoutesOptions, alertRoutes } from './http/alert-routes.ts'
import { addAuthentication, type ScreenDirectory, type ViewerDirectory } from './http/authentication.ts'
import { type BoardLinksPort, type BoardsPort, boardRoutes } from './http/board-routes.ts'
import { addErrorHandling } from './http/error-handling.ts'
import { type EventRoutesOptions, eventRoutes, type IngestPort } from './http/event-routes.ts'
import { type FeedRoutesOptions, feedRoutes } from './http/feed-routes.ts'
import { type FiguresPort, figuresRoutes } from './http/figures-routes.ts'
import { type ForecastPort, forecastRoutes } from './http/forecast-routes.ts'
import { boundLists } from './http/list-bounds.ts'
import { type LivePort, liveRoute } from './http/live-route.ts'
import { createMetrics, type MetricsPorts } from './http/metrics.ts'
import { type MomentPort, momentRoutes } from './http/moment-routes.ts'
import { operationsRoutes } from './http/operations-routes.ts'
import { type PeoplePort, peopleRoutes } from './http/people-routes.ts'
import { type PlanningService, planningRoutes } from './http/planning-routes.ts'
import { problemPages } from './http/problem-pages.ts'
import { type ContactPort, type ReportPort, reportRoutes } from './http/report-routes.ts'
import { type RingBackRoutesOptions, ringBackRoutes } from './http/ring-back-routes.ts'
import { Problem } from './http/schemas.ts'
import { type SessionPort, sessionRoutes } from './http/session-routes.ts'
import { type SettingsPort, settingsRoutes } from './http/settings-routes.ts'
import { type SourcesPort, sourceRoutes } from './http/source-routes.ts'
import { webPages } from './http/web-pages.ts'
import { hashSecret, newId } from './people/secrets.ts'
import { CLIENT_MESSAGE_BYTES_MAX } from './push/client-message.ts'

/** Bodies other than events are small forms and plans. */
const BODY_BYTES_MAX = 1_048_576
/** Some 30 000 events: more belongs into several requests. */
const EVENTS_BODY_BYTES_MAX = 8_388_608
/** A request must be here within this time; slow senders would hold sockets for ever. */
const REQUEST_TIMEOUT_MS = 60_000
const SIGN_INS_PER_MINUTE_MAX = 20

export interface AppDependencies {
  readonly clock: Clock
  readonly version: string
  readonly people: ViewerDirectory & SessionPort & PeoplePort
  readonly settings: SettingsPort
  readonly site: () => SiteSetting
  readonly ingest: IngestPort
  readonly feeds: FeedRoutesOptions['feeds'] & Pick<EventRoutesOptions, 'signedBy'>
  readonly reports: ReportPort
  readonly contacts: ContactPort
  readonly ringBack: RingBackRoutesOptions
  readonly figures: FiguresPort
  readonly planning: PlanningService
  readonly forecasts: ForecastPort
  readonly sources: SourcesPort
  readonly live: LivePort
  readonly ahead: { readonly lookAhead: AheadPort; readonly isQueue: (queueId: string) => boolean }
  readonly watch: AlertRoutesOptions
  readonly moments: MomentPort
  readonly boards: BoardsPort
  readonly boardLinks: BoardLinksPort & ScreenDirectory
  readonly metrics: MetricsPorts
  readonly checkReady: () => Promise<void>
  readonly webDir: string
  readonly trustProxy: boolean
  /** Told of every fault of ours; the answer to the caller says nothing of it. */
  readonly onFault: (error: unknown) => void
  readonly signInsPerMinuteMax?: number
}

export async function buildApp(dependencies: AppDependencies): Promise<FastifyInstance> {
  const { trustProxy, people } = dependencies
  const app = Fastify({
    trustProxy,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Bodies are taken as they are: "12" is not 12, and an unknown field is a mistake that the sender should hear of.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    genReqId: () => crypto.randomUUID(),
    forceCloseConnections: true,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 600 },
  }).withTypeProvider<TypeBoxTypeProvider>()

  addErrorHandling(app, { onFault: dependencies.onFault, isDatabaseAway })
  await addSecurity(app, trustProxy)
  await app.register(cookie)
  await app.register(rateLimit, { global: false })
  await app.register(websocket, {
    options: { maxPayload: CLIENT_MESSAGE_BYTES_MAX, perMessageDeflate: false },
  })
  addAuthentication(app, { people, screens: dependencies.boardLinks, hashSecret })
  const metrics = createMetrics(app, dependencies.metrics)
  await addDescription(app, dependencies.version)

  await app.register(operationsRoutes, { checkReady: dependencies.checkReady, metrics: metrics.text })
  await app.register(problemPages)
  await app.register(
    async (api) => {
      boundLists(api)
      const { clock, version, site, settings, sources, reports, contacts, planning, live } = dependencies
      await api.register(sessionRoutes, {
        sessions: people,
        site,
        clock,
        version,
        secureCookies: false,
        signInsPerMinuteMax: dependencies.signInsPerMinuteMax ?? SIGN_INS_PER_MINUTE_MAX,
      })
      await api.register(settingsRoutes, { settings })
      await api.register(peopleRoutes, { people })
      await api.register(sourceRoutes, { sources })
      const ingest = countingIngest(dependencies.ingest, (count) => metrics.eventsAccepted.inc(count))
      await api.register(eventRoutes, {
        ingest,
        bodyBytesMax: EVENTS_BODY_BYTES_MAX,
        signedBy: dependencies.feeds.signedBy,
      })
      await api.register(feedRoutes, {
        feeds: dependencies.feeds,
        ingest,
        bodyBytesMax: EVENTS_BODY_BYTES_MAX,
      })
      await api.register(reportRoutes, { reports, contacts })
      await api.register(ringBackRoutes, dependencies.ringBack)
      await api.register(figuresRoutes, { figures: dependencies.figures })
      await api.register(planningRoutes, { planning })
      await api.register(forecastRoutes, { forecasts: dependencies.forecasts })
      await api.register(liveRoute, { live })
      await api.register(aheadRoutes, dependencies.ahead)
      await api.register(alertRoutes, dependencies.watch)
      await api.register(momentRoutes, { moments: dependencies.moments })
      await api.register(boardRoutes, {
        boards: dependencies.boards,
        links: dependencies.boardLinks,
        newBoardId: newId,
        opensPerMinuteMax: dependencies.signInsPerMinuteMax ?? SIGN_INS_PER_MINUTE_MAX,
      })
    },
    { prefix: '/api/v1' },
  )
  await app.register(webPages, { webDir: dependencies.webDir })
  return app
}

function countingIngest(ingest: IngestPort, count: (accepted: number) => void): IngestPort {
  return {
    async ingest(items, sender) {
      const reply = await ingest.ingest(items, sender)
      count(reply.accepted)
      return reply
    },
  }
}

async function addSecurity(app: FastifyInstance, trustProxy: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'", 'data:'],
        // Style attributes are how charts and bars get their size.
        styleSrc: ["'self'", "'unsafe-inline'"],
        scriptSrc: ["'self'"],
      },
    },
    frameguard: { action: 'deny' },
    // Plain http is a promise of nothing: only a proxy that speaks https may make this one.
    strictTransportSecurity: trustProxy ? { maxAge: 31_536_000 } : false,
    // Browsers complain about these two on plain http, where they have no effect.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  })
}

async function addDescription(app: FastifyInstance, version: string): Promise<void> {
  app.addHook('onRoute', (route) => {
    if (route.schema === undefined || route.schema.hide === true) return
    const answer = { description: 'A problem', content: { 'application/problem+json': { schema: Problem } } }
    const response = typeof route.schema.response === 'object' ? route.schema.response : {}
    route.schema = { ...route.schema, response: { ...response, '4xx': answer, '5xx': answer } }
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Vigie',
        version,
        description: 'Workforce planning and real-time monitoring for contact centres',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'vigie_session' },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ session: [] }, { token: [] }],
    },
  })
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = {
        ...route.config,
        access: ['administrator', 'director', 'supervisor', 'client', 'read'],
      }
    })
    await docs.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: true })
  })
}
