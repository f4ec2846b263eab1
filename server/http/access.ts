/** Who may use a route. A route that says nothing is for the staff and read tokens; only a route that says `open` is open. */
import type { FastifyRequest } from 'fastify'
import type { TokenRole, UserRole, Viewer } from '../domain/role.ts'
import { problem } from './problems.ts'

/** `board`: a screen that came by a board link. */
export type AccessRole = UserRole | TokenRole | 'board'

export const ADMINISTRATION = ['administrator', 'director'] as const
export const STAFF = ['administrator', 'director', 'supervisor'] as const
export const STAFF_OR_READER = [...STAFF, 'read'] as const
export const EVERY_PERSON = [...STAFF, 'client'] as const
export const EVERY_PERSON_OR_READER = [...EVERY_PERSON, 'read'] as const

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: 'open' | readonly AccessRole[]
    /** A request with the headers of a signature and without a token is let through to the route, which checks it. */
    signed?: true
  }
  interface FastifyRequest {
    viewer: Viewer | null
    /** Hash of the session's secret, or the token's id: connections opened with it are closed when it ends. */
    credentialKey: string | null
  }
}

/** The viewer of a route that is not open: the authentication hook has made sure that there is one. */
export function viewerOf(request: FastifyRequest): Viewer {
  if (request.viewer === null) throw problem('not-signed-in')
  return request.viewer
}

export function nameOf(request: FastifyRequest): string {
  return viewerOf(request).name
}
