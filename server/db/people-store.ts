/** Accounts, sign-in links, sessions and API tokens in the database. */
import type { TokenRole, UserRole } from '../domain/role.ts'
import type { PeopleStore, TokenRecord, UserRecord } from '../people/people-store.ts'
import { instant, instantOrNull } from './instant.ts'
import type { Database } from './open-database.ts'
import type { ApiTokenTable, UserAccountTable } from './schema.ts'

const USER_COLUMNS = [
  'user_account.id',
  'user_account.name',
  'user_account.role',
  'user_account.client_id',
  'user_account.created_at',
] as const

export function createPeopleStore({ kysely }: Database): PeopleStore {
  return {
    async createUser(user) {
      await kysely
        .insertInto('user_account')
        .values({
          id: user.id,
          name: user.name,
          role: user.role,
          client_id: user.clientId,
          created_at: instant(user.createdAtMs),
        })
        .execute()
    },
    async users() {
      const rows = await kysely
        .selectFrom('user_account')
        .selectAll()
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      return rows.map(toUser)
    },
    async removeUser(id) {
      const { numDeletedRows } = await kysely
        .deleteFrom('user_account')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },

    async createSignInLink(link) {
      await kysely
        .insertInto('sign_in_link')
        .values({ secret_hash: link.secretHash, user_id: link.userId, expires_at: instant(link.expiresAtMs) })
        .execute()
    },
    async takeSignInLink(secretHash, nowMs) {
      // Deleting is taking: of two callers at once one gets the row.
      const link = await kysely
        .deleteFrom('sign_in_link')
        .where('secret_hash', '=', secretHash)
        .returning(['user_id', 'expires_at'])
        .executeTakeFirst()
      await removeExpired(nowMs)
      if (link === undefined || link.expires_at <= nowMs) return undefined
      const row = await kysely
        .selectFrom('user_account')
        .selectAll()
        .where('id', '=', link.user_id)
        .executeTakeFirst()
      return row === undefined ? undefined : toUser(row)
    },

    async createSession(session) {
      await kysely
        .insertInto('session')
        .values({
          secret_hash: session.secretHash,
          user_id: session.userId,
          expires_at: instant(session.expiresAtMs),
        })
        .execute()
    },
    async sessionUser(secretHash, nowMs) {
      const row = await kysely
        .selectFrom('session')
        .innerJoin('user_account', 'user_account.id', 'session.user_id')
        .select(USER_COLUMNS)
        .where('session.secret_hash', '=', secretHash)
        .where('session.expires_at', '>', instant(nowMs))
        .executeTakeFirst()
      return row === undefined ? undefined : toUser(row)
    },
    async removeSession(secretHash) {
      await kysely.deleteFrom('session').where('secret_hash', '=', secretHash).execute()
    },

    async createToken(token) {
      await kysely
        .insertInto('api_token')
        .values({
          id: token.id,
          name: token.name,
          role: token.role,
          secret_hash: token.secretHash,
          created_at: instant(token.createdAtMs),
          last_used_at: instantOrNull(token.lastUsedAtMs),
        })
        .execute()
    },
    async findToken(secretHash) {
      const row = await kysely
        .selectFrom('api_token')
        .selectAll()
        .where('secret_hash', '=', secretHash)
        .executeTakeFirst()
      return row === undefined ? undefined : toToken(row)
    },
    async tokens() {
      const rows = await kysely
        .selectFrom('api_token')
        .selectAll()
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      return rows.map(toToken)
    },
    async touchToken(id, nowMs) {
      await kysely
        .updateTable('api_token')
        .set({ last_used_at: instant(nowMs) })
        .where('id', '=', id)
        .execute()
    },
    async removeToken(id) {
      const { numDeletedRows } = await kysely
        .deleteFrom('api_token')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },
  }

  /** At each sign-in, so that neither table grows without end. */
  async function removeExpired(nowMs: number): Promise<void> {
    await kysely.deleteFrom('sign_in_link').where('expires_at', '<=', instant(nowMs)).execute()
    await kysely.deleteFrom('session').where('expires_at', '<=', instant(nowMs)).execute()
  }
}

function toUser(row: UserAccountTable): UserRecord {
  return {
    id: row.id,
    name: row.name,
    role: row.role as UserRole,
    clientId: row.client_id,
    createdAtMs: row.created_at,
  }
}

function toToken(row: ApiTokenTable): TokenRecord {
  return {
    id: row.id,
    name: row.name,
    role: row.role as TokenRole,
    createdAtMs: row.created_at,
    lastUsedAtMs: row.last_used_at,
  }
}
