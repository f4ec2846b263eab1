/** Accounts, one-time sign-in links, sessions and API tokens: the store that sign-in needs. Secrets are stored as SHA-256 only. */
import type { TokenRole, UserRole } from '../domain/role.ts'

export interface UserRecord {
  readonly id: string
  readonly name: string
  readonly role: UserRole
  readonly clientId: string | null
  readonly createdAtMs: number
}
export interface TokenRecord {
  readonly id: string
  readonly name: string
  readonly role: TokenRole
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | null
}
export interface PeopleStore {
  createUser(user: UserRecord): Promise<void>
  users(): Promise<readonly UserRecord[]>
  /** Removes the user with sessions and links. False when unknown. */
  removeUser(id: string): Promise<boolean>
  createSignInLink(link: {
    readonly secretHash: string
    readonly userId: string
    readonly expiresAtMs: number
  }): Promise<void>
  /** Takes the link (single use, atomically); undefined when unknown, used or expired. */
  takeSignInLink(secretHash: string, nowMs: number): Promise<UserRecord | undefined>
  createSession(session: {
    readonly secretHash: string
    readonly userId: string
    readonly expiresAtMs: number
  }): Promise<void>
  sessionUser(secretHash: string, nowMs: number): Promise<UserRecord | undefined>
  removeSession(secretHash: string): Promise<void>
  createToken(token: TokenRecord & { readonly secretHash: string }): Promise<void>
  findToken(secretHash: string): Promise<TokenRecord | undefined>
  tokens(): Promise<readonly TokenRecord[]>
  touchToken(id: string, nowMs: number): Promise<void>
  removeToken(id: string): Promise<boolean>
}
