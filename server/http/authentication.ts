/** Finds out who is asking, before anything else is looked at, and refuses what the route's access does not name. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Viewer } from '../domain/role.ts'
import { STAFF_OR_READER } from './access.ts'
import { problem } from './problems.ts'

export const SESSION_COOKIE = 'vigie_session'
/** Of a screen that came by a board link; looked at only where such a screen may come. */
export const BOARD_COOKIE = 'vigie_board'

/** What authentication needs to know about people. */
export interface ViewerDirectory {
  viewerOfSession(secret: string): Promise<Viewer | undefined>
  viewerOfToken(secret: string): Promise<Viewer | undefined>
}

export interface ScreenDirectory {
  viewerOfSession(secret: string): Promise<Viewer | undefined>
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

export function addAuthentication(
  app: FastifyInstance,
  options: {
    readonly people: ViewerDirectory
    readonly screens: ScreenDirectory
    readonly hashSecret: (secret: string) => string
  },
): void {
  app.decorateRequest('viewer', null)
  app.decorateRequest('credentialKey', null)
  app.addHook('onRequest', async (request) => {
    const access = request.is404
      ? accessOfUnknown(request)
      : (request.routeOptions.config.access ?? STAFF_OR_READER)
    if (access === 'open') return
    if (access.every((role) => role === 'board')) {
      const screen = request.cookies[BOARD_COOKIE]
      const viewer = screen === undefined ? undefined : await options.screens.viewerOfSession(screen)
      if (viewer === undefined) throw problem('not-signed-in')
      request.viewer = viewer
      request.credentialKey = options.hashSecret(screen ?? '')
      refuseCrossSite(request)
      return
    }
    const bearer = bearerSecret(request)
    const isSigned = request.headers['webhook-signature'] !== undefined && bearer === undefined
    if (isSigned && request.routeOptions.config.signed === true) return
    const session = bearer === undefined ? request.cookies[SESSION_COOKIE] : undefined
    const viewer =
      bearer !== undefined
        ? await options.people.viewerOfToken(bearer)
        : session !== undefined
          ? await options.people.viewerOfSession(session)
          : undefined
    if (viewer === undefined) throw problem('not-signed-in')
    request.viewer = viewer
    request.credentialKey = viewer.kind === 'token' ? viewer.tokenId : options.hashSecret(session ?? '')
    if (viewer.kind === 'user') refuseCrossSite(request)
    if (!access.some((role) => role === viewer.role))
      throw problem('not-allowed', `The role "${viewer.role}" may not do this.`)
  })
}

/** An unknown page is plainly not found; below /api an anonymous caller does not even learn that. */
function accessOfUnknown(
  request: FastifyRequest,
): 'open' | readonly ('administrator' | 'director' | 'supervisor' | 'client' | 'read' | 'ingest')[] {
  const path = request.url.split('?', 1)[0] ?? ''
  return path === '/api' || path.startsWith('/api/')
    ? ['administrator', 'director', 'supervisor', 'client', 'read', 'ingest']
    : 'open'
}

function bearerSecret(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  // A header of another scheme is a failed try, not a reason to fall back to the cookie.
  return /^Bearer +([^\s]+) *$/i.exec(header)?.[1] ?? ''
}

/**
 * A session cookie is sent by the browser on its own, so a request that changes something (or opens a socket) must come
 * from our own page. Browsers say so in Sec-Fetch-Site or Origin, which pages cannot set; programs send neither.
 */
function refuseCrossSite(request: FastifyRequest): void {
  const opensSocket = request.headers.upgrade?.toLowerCase() === 'websocket'
  if (SAFE_METHODS.has(request.method) && !opensSocket) return
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw problem('cross-site-request')
  const origin = request.headers.origin
  if (origin === undefined) return
  const host = URL.canParse(origin) ? new URL(origin).host : ''
  if (host !== request.host) throw problem('cross-site-request')
}
