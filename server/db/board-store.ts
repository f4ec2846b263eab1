/** Composed boards and their links in the database. */
import { sql } from 'kysely'
import type { BoardLinkStore, BoardStore } from '../boards/board-store.ts'
import type { BoardComposition, BoardLink, BoardVersion } from '../wire/board-composition.ts'
import { instant } from './instant.ts'
import type { Database } from './open-database.ts'
import type { BoardLinkTable, BoardVersionTable } from './schema.ts'

export function createBoardStore({ kysely }: Database): BoardStore {
  return {
    async current() {
      const rows = await kysely
        .selectFrom('board_version')
        .distinctOn('board_id')
        .selectAll()
        .orderBy('board_id')
        .orderBy('version', 'desc')
        .execute()
      return rows.map(toVersion)
    },
    async history(boardId) {
      const rows = await kysely
        .selectFrom('board_version')
        .selectAll()
        .where('board_id', '=', boardId)
        .orderBy('version')
        .execute()
      return rows.map(toVersion)
    },
    async put({ boardId, baseVersion, changedAtMs, changedBy, body }) {
      const text = body === null ? null : JSON.stringify(body)
      // One statement: the version that was read decides, and of two writers at once the key lets one through.
      const { rows } = await sql<BoardVersionTable>`
        insert into board_version (board_id, version, changed_at, changed_by, body)
        select ${boardId}::text, ${baseVersion}::int + 1, ${instant(changedAtMs)}, ${changedBy}::text, ${text}::json
        where ${baseVersion}::int = coalesce((select max(version) from board_version where board_id = ${boardId}), 0)
        on conflict do nothing
        returning *`.execute(kysely)
      const row = rows[0]
      return row === undefined ? undefined : toVersion(row)
    },
  }
}

export function createBoardLinkStore({ kysely }: Database): BoardLinkStore {
  const links = () => kysely.selectFrom('board_link').selectAll()
  return {
    async add(link) {
      await kysely
        .insertInto('board_link')
        .values({
          id: link.linkId,
          board_id: link.boardId,
          label: link.label,
          secret_hash: link.secretHash,
          created_at: instant(link.createdAtMs),
          created_by: link.createdBy,
        })
        .execute()
    },
    async ofBoard(boardId) {
      const rows = await links().where('board_id', '=', boardId).orderBy('created_at').orderBy('id').execute()
      return rows.map(toLink)
    },
    async open({ secretHash, sessionHash, openedAtMs }) {
      // One statement: of two screens at once one gets it.
      const row = await kysely
        .updateTable('board_link')
        .set({ session_hash: sessionHash, opened_at: instant(openedAtMs), last_used_at: instant(openedAtMs) })
        .where('secret_hash', '=', secretHash)
        .where('session_hash', 'is', null)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? undefined : toLink(row)
    },
    async bySecret(secretHash) {
      const row = await links().where('secret_hash', '=', secretHash).executeTakeFirst()
      return row === undefined ? undefined : toLink(row)
    },
    async bySession(sessionHash) {
      const row = await links().where('session_hash', '=', sessionHash).executeTakeFirst()
      return row === undefined ? undefined : toLink(row)
    },
    async touch(linkId, usedAtMs) {
      await kysely
        .updateTable('board_link')
        .set({ last_used_at: instant(usedAtMs) })
        .where('id', '=', linkId)
        .execute()
    },
    async remove(linkId) {
      const { numDeletedRows } = await kysely
        .deleteFrom('board_link')
        .where('id', '=', linkId)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },
  }
}

function toVersion(row: BoardVersionTable): BoardVersion {
  return {
    boardId: row.board_id,
    version: row.version,
    changedAtMs: row.changed_at,
    changedBy: row.changed_by,
    body: row.body === null ? null : (JSON.parse(row.body) as BoardComposition),
  }
}

function toLink(row: BoardLinkTable): BoardLink {
  return {
    linkId: row.id,
    boardId: row.board_id,
    label: row.label,
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    openedAtMs: row.opened_at,
    lastUsedAtMs: row.last_used_at,
  }
}
