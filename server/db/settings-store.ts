/** Settings as versions in the database. */
import { sql } from 'kysely'
import type { SettingBodies, SettingKind, SettingVersion } from '../domain/settings.ts'
import type { SettingsStore } from '../setup/settings-store.ts'
import { textArray } from './array-literal.ts'
import { instant } from './instant.ts'
import type { Database } from './open-database.ts'
import type { SettingVersionTable } from './schema.ts'

export function createSettingsStore({ kysely }: Database): SettingsStore {
  return {
    async current() {
      const rows = await kysely
        .selectFrom('setting_version')
        .distinctOn(['kind', 'id'])
        .selectAll()
        .orderBy('kind')
        .orderBy('id')
        .orderBy('version', 'desc')
        .execute()
      return rows.map(toVersion)
    },
    async history(kind, id) {
      const rows = await kysely
        .selectFrom('setting_version')
        .selectAll()
        .where('kind', '=', kind)
        .where('id', '=', id)
        .orderBy('version')
        .execute()
      return rows.map(toVersion)
    },
    async put(change) {
      const { kind, id, baseVersion } = change
      const body = change.body === null ? null : JSON.stringify(change.body)
      // One statement: the version that was read decides, and of two writers at once the key lets one through.
      const { rows } = await sql<SettingVersionTable>`
        insert into setting_version (kind, id, version, changed_at, changed_by, body)
        select ${kind}::text, ${id}::text, ${baseVersion}::int + 1, ${instant(change.changedAtMs)},
          ${change.changedBy}::text, ${body}::json
        where ${baseVersion}::int = coalesce(
          (select max(version) from setting_version where kind = ${kind} and id = ${id}), 0)
        on conflict do nothing
        returning *`.execute(kysely)
      const row = rows[0]
      return row === undefined ? undefined : (toVersion(row) as SettingVersion<typeof kind>)
    },
    async createMissing(things, { changedAtMs, changedBy }) {
      if (things.length === 0) return []
      const kinds = textArray(things.map(({ kind }) => kind))
      const ids = textArray(things.map(({ id }) => id))
      const bodies = textArray(things.map(({ body }) => JSON.stringify(body)))
      // Whatever exists has a first version: the key lets only new things through.
      const { rows } = await sql<SettingVersionTable>`
        insert into setting_version (kind, id, version, changed_at, changed_by, body)
        select thing.kind, thing.id, 1, ${instant(changedAtMs)}, ${changedBy}::text, thing.body::json
        from unnest(${kinds}::text[], ${ids}::text[], ${bodies}::text[]) as thing (kind, id, body)
        on conflict do nothing
        returning *`.execute(kysely)
      return rows.map(toVersion)
    },
  }
}

function toVersion(row: SettingVersionTable): SettingVersion {
  return {
    kind: row.kind as SettingKind,
    id: row.id,
    version: row.version,
    changedAtMs: row.changed_at,
    changedBy: row.changed_by,
    body: row.body === null ? null : (JSON.parse(row.body) as SettingBodies[SettingKind]),
  }
}
