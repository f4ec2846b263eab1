/** Alerts, their thresholds and notes in the database: rows are added, never changed. */
import { sql } from 'kysely'
import type { AlertChange, AlertStore, ThresholdVersion } from '../alerts/alert-store.ts'
import type { NoteStore, NoteVersion } from '../alerts/note-book.ts'
import type { AlertThresholds } from '../wire/alerts.ts'
import { instant } from './instant.ts'
import { isNextVersion } from './next-version.ts'
import type { Database } from './open-database.ts'
import type { AlertChangeTable, AlertThresholdTable, TimeNoteTable } from './schema.ts'

export function createAlertStore({ kysely }: Database): AlertStore {
  return {
    async addAlertChange(change) {
      const added = await kysely
        .insertInto('alert_change')
        .values({
          alert_id: change.alertId,
          version: change.version,
          kind: change.kind,
          changed_at: instant(change.changedAtMs),
          changed_by: change.changedBy,
          scope: change.scope,
          cause: change.cause,
          subject: change.subject,
          measured: change.measured,
          threshold: change.threshold,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('alert_id')
        .executeTakeFirst()
      return added !== undefined
    },
    async alertChanges(sinceMs) {
      const { rows } = await sql<AlertChangeTable>`
        select * from alert_change where alert_id in (
          select alert_id from alert_change group by alert_id
          having not bool_or(kind = 'ended') or max(changed_at) >= ${instant(sinceMs)})
        order by alert_id, version`.execute(kysely)
      return rows.map(toChange)
    },
    async addThresholds({ scope, version, changedAtMs, changedBy, body }) {
      const { rows } = await sql<AlertThresholdTable>`
        insert into alert_threshold (scope, version, changed_at, changed_by, body)
        select ${scope}::text, ${version}::int, ${instant(changedAtMs)}, ${changedBy}::text,
          ${body === null ? null : JSON.stringify(body)}::json
        where ${isNextVersion({ table: 'alert_threshold', key: 'scope', id: scope }, version)}
        on conflict do nothing
        returning *`.execute(kysely)
      return rows[0] === undefined ? undefined : toThresholds(rows[0])
    },
    async thresholds() {
      const rows = await kysely
        .selectFrom('alert_threshold')
        .selectAll()
        .distinctOn('scope')
        .orderBy('scope')
        .orderBy('version', 'desc')
        .execute()
      return rows.map(toThresholds)
    },
  }
}

export function createNoteStore({ kysely }: Database): NoteStore {
  return {
    async addNoteVersion(note) {
      const { rows } = await sql<{ note_id: string }>`
        insert into time_note (note_id, version, changed_at, changed_by, from_at, to_at, queue_id, kind, heads, text,
          removed)
        select ${note.noteId}::text, ${note.version}::int, ${instant(note.changedAtMs)}, ${note.changedBy}::text,
          ${instant(note.fromMs)}, ${instant(note.toMs)}, ${note.queueId}::text, ${note.kind}::text,
          ${note.heads}::int, ${note.text}::text, ${note.removed}::boolean
        where ${isNextVersion({ table: 'time_note', key: 'note_id', id: note.noteId }, note.version)}
        on conflict do nothing
        returning note_id`.execute(kysely)
      return rows.length > 0
    },
    async newestNote(noteId) {
      const row = await kysely
        .selectFrom('time_note')
        .selectAll()
        .where('note_id', '=', noteId)
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : toNote(row)
    },
    async notes(fromMs, toMs) {
      const { rows } = await sql<TimeNoteTable>`
        select n.* from time_note n
        where n.from_at < ${instant(toMs)} and n.to_at >= ${instant(fromMs)} and not n.removed
          and not exists (select 1 from time_note later
            where later.note_id = n.note_id and later.version > n.version)
        order by n.from_at, n.note_id`.execute(kysely)
      return rows.map(toNote)
    },
    async noteVersions(noteId) {
      const rows = await kysely
        .selectFrom('time_note')
        .selectAll()
        .where('note_id', '=', noteId)
        .orderBy('version')
        .execute()
      return rows.map(toNote)
    },
  }
}

function toChange(row: AlertChangeTable): AlertChange {
  return {
    alertId: row.alert_id,
    version: row.version,
    kind: row.kind,
    changedAtMs: row.changed_at,
    changedBy: row.changed_by,
    scope: row.scope,
    cause: row.cause,
    subject: row.subject,
    measured: row.measured,
    threshold: row.threshold,
  }
}

function toThresholds(row: AlertThresholdTable): ThresholdVersion {
  return {
    scope: row.scope,
    version: row.version,
    changedAtMs: row.changed_at,
    changedBy: row.changed_by,
    body: row.body === null ? null : (JSON.parse(row.body) as AlertThresholds),
  }
}

function toNote(row: TimeNoteTable): NoteVersion {
  return {
    noteId: row.note_id,
    version: row.version,
    changedAtMs: row.changed_at,
    changedBy: row.changed_by,
    fromMs: row.from_at,
    toMs: row.to_at,
    queueId: row.queue_id,
    kind: row.kind,
    heads: row.heads,
    text: row.text,
    removed: row.removed,
  }
}
