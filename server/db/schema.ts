/** The tables as Kysely sees them, on either database: instants as epoch milliseconds, days as text, `json` as its text. */
import type { Generated } from 'kysely'

interface EventTable {
  ingest_seq: number
  source: string
  event_id: string
  type: string
  occurred_at: number
  received_at: number
  time_assumed: boolean
  sequence: string | null
  contact_id: string | null
  agent_id: string | null
  queue_id: string | null
  is_agent_event: boolean
  caller_hash: string | null
  caller_last: string | null
  data: string | null
}

interface LedgerHeadTable {
  only_row: boolean
  last_seq: number
  paged_seq: number
}

interface SourceTable {
  source: string
  first_occurred_at: number | null
  last_occurred_at: number | null
  last_received_at: number | null
  accepted: number
  duplicates: number
  conflicts: number
  rejected: number
}

interface DeadLetterTable {
  letter_seq: Generated<number>
  source: string
  received_at: number
  place: string
  reason: string
  excerpt: string
}

interface UnknownVerbTable {
  source: string
  verb: string
  count: number
}

interface IntervalTotalTable {
  queue_id: string
  source: string
  start_at: number
  interval_minutes: number
  contacts: number
  handled: number
  handle_seconds: number
}

export interface SettingVersionTable {
  kind: string
  id: string
  version: number
  changed_at: number
  changed_by: string
  body: string | null
}

export interface UserAccountTable {
  id: string
  name: string
  role: string
  client_id: string | null
  created_at: number
}

interface SecretOfUserTable {
  secret_hash: string
  user_id: string
  expires_at: number
}

export interface ApiTokenTable {
  id: string
  name: string
  role: string
  secret_hash: string
  created_at: number
  last_used_at: number | null
}

export interface ForecastDayTable {
  queue_id: string
  day: string
  version: number
  method: string
  author: string
  created_at: number
  origin_at: number
  interval_minutes: number
  contacts_mean: readonly number[]
  contacts_p2_5: readonly number[]
  contacts_p10: readonly number[]
  contacts_p90: readonly number[]
  contacts_p97_5: readonly number[]
  rate_cv: readonly number[]
  aht_seconds: readonly number[]
  day_mean: number
  day_p10: number
  day_p90: number
  history_days: number
  poisson_floor_wape: number | null
  notes: string
  intraday: boolean
  aht_seconds_sd: readonly number[] | null
  inputs: string | null
}

export interface ForecastEditTable {
  edit_seq: Generated<number>
  queue_id: string
  author: string
  created_at: number
  reason: string
  measure: string
  operation: string
  from_day: string
  to_day: string
  from_minute: number
  to_minute: number
  weekdays: readonly number[] | null
  amount: number | null
  spread: string
  interval_minutes: number
  cell_starts_epoch_ms: readonly number[] | null
  cell_values: readonly number[] | null
  removed_at: number | null
  removed_by: string | null
}

export interface OneOffMarkTable {
  mark_seq: Generated<number>
  queue_id: string
  day: string
  from_minute: number
  to_minute: number
  reason: string
  author: string
  created_at: number
  removed_at: number | null
  removed_by: string | null
}

export interface MethodComparisonTable {
  comparison_seq: Generated<number>
  queue_id: string
  compared_at: number
  end_day: string
  lead_days: number
  origins: number
  pick: string | null
  scores: string
}

export interface PlanVersionTable {
  queue_id: string
  day: string
  version: number
  state: string
  author: string
  created_at: number
  published_at: number | null
  forecast_version: number | null
  interval_minutes: number
  agents: readonly number[]
}

export interface DayCloseTable {
  day: string
  version: number
  closed_at: number
  hash: string
  report: string
}

export interface ScheduleDayTable {
  day: string
  version: number
  author: string
  created_at: number
  segments: string
}

export interface IntervalRevisionTable {
  queue_id: string
  starts_at: number
  revision: number
  revised_at: number
  changes: string | null
}

export interface BoardVersionTable {
  board_id: string
  version: number
  changed_at: number
  changed_by: string
  body: string | null
}

export interface BoardLinkTable {
  id: string
  board_id: string
  label: string
  secret_hash: string
  created_at: number
  created_by: string
  opened_at: number | null
  session_hash: string | null
  last_used_at: number | null
}

export interface AlertChangeTable {
  alert_id: string
  version: number
  kind: 'raised' | 'acknowledged' | 'ended'
  changed_at: number
  changed_by: string
  scope: string
  cause: 'level' | 'longest-wait' | 'coverage' | 'source'
  subject: string
  measured: number
  threshold: number
}

export interface AlertThresholdTable {
  scope: string
  version: number
  changed_at: number
  changed_by: string
  body: string | null
}

export interface TimeNoteTable {
  note_id: string
  version: number
  changed_at: number
  changed_by: string
  from_at: number
  to_at: number
  queue_id: string | null
  kind: 'outage' | 'campaign' | 'training' | 'other'
  heads: number | null
  text: string
  removed: boolean
}

export interface RingBackTable {
  contact_id: string
  version: number
  changed_at: number
  changed_by: string
  rung: boolean
}

interface NumberRightTable {
  user_id: string
  version: number
  changed_at: number
  changed_by: string
  allowed: boolean
}

interface NumberViewTable {
  view_id: Generated<number>
  viewed_at: number
  user_id: string
  user_name: string
  numbers: number
}

interface SettledIntervalTable {
  queue_id: string
  starts_at: number
  ends_at: number
  sums: string | null
}

interface CloseCursorTable {
  only_row: Generated<boolean>
  ingest_seq: number
}

interface SettledUntilTable {
  only_row: Generated<boolean>
  told_to: number
}

interface SchemaMigrationTable {
  name: string
  applied_at: number
  sha256: string
}

export interface Schema {
  event: EventTable
  ledger_head: LedgerHeadTable
  source: SourceTable
  dead_letter: DeadLetterTable
  unknown_verb: UnknownVerbTable
  interval_total: IntervalTotalTable
  setting_version: SettingVersionTable
  user_account: UserAccountTable
  sign_in_link: SecretOfUserTable
  session: SecretOfUserTable
  api_token: ApiTokenTable
  forecast_day: ForecastDayTable
  forecast_edit: ForecastEditTable
  one_off_mark: OneOffMarkTable
  method_comparison: MethodComparisonTable
  plan_version: PlanVersionTable
  day_close: DayCloseTable
  schedule_day: ScheduleDayTable
  interval_revision: IntervalRevisionTable
  settled_interval: SettledIntervalTable
  settled_until: SettledUntilTable
  close_cursor: CloseCursorTable
  board_version: BoardVersionTable
  board_link: BoardLinkTable
  alert_change: AlertChangeTable
  alert_threshold: AlertThresholdTable
  time_note: TimeNoteTable
  ring_back: RingBackTable
  number_right: NumberRightTable
  number_view: NumberViewTable
  schema_migration: SchemaMigrationTable
}
