/** Accounts, one-time sign-in links, sessions and API tokens. Who is asking is answered from a short-lived cache. */
import type { Clock } from '../domain/clock.ts'
import { TOKEN_ROLES, type TokenRole, USER_ROLES, type UserRole, type Viewer } from '../domain/role.ts'
import type { PeopleStore, TokenRecord, UserRecord } from './people-store.ts'
import { hashSecret, newId, newSecret } from './secrets.ts'

const HOUR_MS = 3_600_000
export const SIGN_IN_LINK_HOURS = 72
const SESSION_HOURS = 14 * 24
/** How long an answer is believed: another process may have removed the session meanwhile. */
const VIEWER_CACHE_MS = 5_000
const VIEWERS_CACHED_MAX = 10_000
const NAME_LENGTH_MAX = 120

export interface NewUser {
  readonly name: string
  readonly role: UserRole
  readonly clientId: string | null
}

export interface InvalidInput {
  readonly pointer: string
  readonly detail: string
}

/** Rights that ended: whoever holds a connection opened with them has to close it. */
export type RightsEnded =
  | { readonly kind: 'session'; readonly secretHash: string }
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'token'; readonly tokenId: string }

interface CachedViewer {
  readonly viewer: Viewer | undefined
  readonly untilMs: number
}

export type PeopleService = ReturnType<typeof createPeopleService>

export function createPeopleService(options: { readonly store: PeopleStore; readonly clock: Clock }) {
  const { store, clock } = options
  const viewers = new Map<string, CachedViewer>()
  const listeners = new Set<(ended: RightsEnded) => void>()

  function remember(key: string, viewer: Viewer | undefined): Viewer | undefined {
    if (viewers.size >= VIEWERS_CACHED_MAX) viewers.clear()
    viewers.set(key, { viewer, untilMs: clock.nowMs() + VIEWER_CACHE_MS })
    return viewer
  }
  function recall(key: string): CachedViewer | undefined {
    const cached = viewers.get(key)
    return cached !== undefined && cached.untilMs > clock.nowMs() ? cached : undefined
  }
  function end(rights: RightsEnded): void {
    viewers.clear()
    for (const listener of listeners) listener(rights)
  }

  async function createSignInLink(userId: string): Promise<string> {
    const secret = newSecret()
    const expiresAtMs = clock.nowMs() + SIGN_IN_LINK_HOURS * HOUR_MS
    await store.createSignInLink({ secretHash: hashSecret(secret), userId, expiresAtMs })
    return secret
  }

  return {
    /** Undefined when the user is unknown. */
    async createSignInLink(userId: string): Promise<string | undefined> {
      const known = (await store.users()).some((user) => user.id === userId)
      return known ? createSignInLink(userId) : undefined
    },

    async createUser(user: NewUser): Promise<{ readonly user: UserRecord; readonly secret: string }> {
      const record = { id: newId(), ...user, name: user.name.trim(), createdAtMs: clock.nowMs() }
      await store.createUser(record)
      return { user: record, secret: await createSignInLink(record.id) }
    },

    users: () => store.users(),

    async removeUser(id: string): Promise<boolean> {
      const removed = await store.removeUser(id)
      if (removed) end({ kind: 'user', userId: id })
      return removed
    },

    /** Exchanges a one-time link for a session; undefined when the link is unknown, used or expired. */
    async signIn(linkSecret: string) {
      const user = await store.takeSignInLink(hashSecret(linkSecret), clock.nowMs())
      if (user === undefined) return undefined
      const secret = newSecret()
      const expiresAtMs = clock.nowMs() + SESSION_HOURS * HOUR_MS
      await store.createSession({ secretHash: hashSecret(secret), userId: user.id, expiresAtMs })
      return { secret, user, expiresAtMs }
    },

    async signOut(sessionSecret: string): Promise<void> {
      const secretHash = hashSecret(sessionSecret)
      await store.removeSession(secretHash)
      end({ kind: 'session', secretHash })
    },

    async viewerOfSession(secret: string): Promise<Viewer | undefined> {
      const secretHash = hashSecret(secret)
      const cached = recall(`s${secretHash}`)
      if (cached !== undefined) return cached.viewer
      const user = await store.sessionUser(secretHash, clock.nowMs())
      return remember(`s${secretHash}`, user === undefined ? undefined : userViewer(user))
    },

    /** Whether a session (by the hash of its secret) or a token (by its id) still gives any right. */
    async stillValid(credentialKey: string): Promise<boolean> {
      if ((await store.tokens()).some(({ id }) => id === credentialKey)) return true
      return (await store.sessionUser(credentialKey, clock.nowMs())) !== undefined
    },

    async viewerOfToken(secret: string): Promise<Viewer | undefined> {
      const secretHash = hashSecret(secret)
      const cached = recall(`t${secretHash}`)
      if (cached !== undefined) return cached.viewer
      const token = await store.findToken(secretHash)
      if (token === undefined) return remember(`t${secretHash}`, undefined)
      await store.touchToken(token.id, clock.nowMs())
      return remember(`t${secretHash}`, {
        kind: 'token',
        tokenId: token.id,
        name: token.name,
        role: token.role,
      })
    },

    async createToken(token: { readonly name: string; readonly role: TokenRole }) {
      const secret = newSecret('vigie_')
      const record: TokenRecord = {
        id: newId(),
        name: token.name.trim(),
        role: token.role,
        createdAtMs: clock.nowMs(),
        lastUsedAtMs: null,
      }
      await store.createToken({ ...record, secretHash: hashSecret(secret) })
      // An answer "unknown" for this secret cannot be cached: it did not exist a moment ago.
      return { token: record, secret }
    },

    tokens: () => store.tokens(),

    async removeToken(id: string): Promise<boolean> {
      const removed = await store.removeToken(id)
      if (removed) end({ kind: 'token', tokenId: id })
      return removed
    },

    onRightsEnded(listener: (ended: RightsEnded) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function userViewer(user: UserRecord): Viewer {
  return { kind: 'user', userId: user.id, name: user.name, role: user.role, clientId: user.clientId }
}

/** What is wrong with a new account, as pointers into the request. `clientIds` are the clients that exist. */
export function userProblems(
  user: { readonly name: string; readonly role: string; readonly clientId: string | null },
  clientIds: ReadonlySet<string>,
): readonly InvalidInput[] {
  const problems: InvalidInput[] = nameProblems(user.name)
  if (!USER_ROLES.some((role) => role === user.role))
    problems.push({ pointer: '/role', detail: `must be one of ${USER_ROLES.join(', ')}` })
  if (user.role === 'client' && user.clientId === null)
    problems.push({ pointer: '/clientId', detail: 'a person of role client needs the client it belongs to' })
  if (user.role !== 'client' && user.clientId !== null)
    problems.push({ pointer: '/clientId', detail: 'only a person of role client belongs to a client' })
  if (user.clientId !== null && !clientIds.has(user.clientId))
    problems.push({ pointer: '/clientId', detail: `there is no client "${user.clientId}"` })
  return problems
}

export function tokenProblems(token: { readonly name: string; readonly role: string }) {
  const problems = nameProblems(token.name)
  if (!TOKEN_ROLES.some((role) => role === token.role))
    problems.push({ pointer: '/role', detail: `must be one of ${TOKEN_ROLES.join(', ')}` })
  return problems
}

function nameProblems(name: string): InvalidInput[] {
  const length = name.trim().length
  if (length > 0 && length <= NAME_LENGTH_MAX) return []
  return [{ pointer: '/name', detail: `must have 1 to ${NAME_LENGTH_MAX} characters` }]
}
