-- The schema after all migrations, dumped by test/database/schema.pg.test.ts (vitest -u writes it). Not run by anything.

create table alert_change (
  alert_id text not null,
  version integer not null,
  kind text not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  scope text not null,
  cause text not null,
  subject text not null,
  measured double precision not null,
  threshold double precision not null,
  constraint alert_change_cause CHECK ((cause = ANY (ARRAY['level'::text, 'longest-wait'::text, 'coverage'::text, 'source'::text]))),
  constraint alert_change_kind CHECK ((kind = ANY (ARRAY['raised'::text, 'acknowledged'::text, 'ended'::text]))),
  constraint alert_change_pk PRIMARY KEY (alert_id, version),
  constraint alert_change_version_positive CHECK ((version > 0))
);
CREATE INDEX alert_change_by_time ON public.alert_change USING btree (changed_at);

create table alert_threshold (
  scope text not null,
  version integer not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  body json,
  constraint alert_threshold_pk PRIMARY KEY (scope, version),
  constraint alert_threshold_version_positive CHECK ((version > 0))
);

create table api_token (
  id text not null,
  name text not null,
  role text not null,
  secret_hash text not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  constraint api_token_pk PRIMARY KEY (id),
  constraint api_token_role_known CHECK ((role = ANY (ARRAY['ingest'::text, 'read'::text]))),
  constraint api_token_secret_once UNIQUE (secret_hash)
);

create table board_link (
  id text not null,
  board_id text not null,
  label text not null,
  secret_hash text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  opened_at timestamp with time zone,
  session_hash text,
  last_used_at timestamp with time zone,
  constraint board_link_opened_with_session CHECK (((opened_at IS NULL) = (session_hash IS NULL))),
  constraint board_link_pk PRIMARY KEY (id),
  constraint board_link_secret_once UNIQUE (secret_hash),
  constraint board_link_session_once UNIQUE (session_hash)
);
CREATE INDEX board_link_by_board ON public.board_link USING btree (board_id);

create table board_version (
  board_id text not null,
  version integer not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  body json,
  constraint board_version_pk PRIMARY KEY (board_id, version),
  constraint board_version_positive CHECK ((version > 0))
);

create table close_cursor (
  only_row boolean not null default true,
  ingest_seq bigint not null,
  constraint close_cursor_not_negative CHECK ((ingest_seq >= 0)),
  constraint close_cursor_one CHECK (only_row),
  constraint close_cursor_pk PRIMARY KEY (only_row)
);

create table day_close (
  day date not null,
  version integer not null,
  closed_at timestamp with time zone not null,
  hash text not null,
  report json not null,
  constraint day_close_hash_sha256 CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  constraint day_close_pk PRIMARY KEY (day, version),
  constraint day_close_version_positive CHECK ((version > 0))
);

create table dead_letter (
  letter_seq bigint not null generated always as identity,
  source text not null,
  received_at timestamp with time zone not null,
  place text not null,
  reason text not null,
  excerpt text not null,
  constraint dead_letter_pk PRIMARY KEY (letter_seq)
);
CREATE INDEX dead_letter_by_source ON public.dead_letter USING btree (source, letter_seq);

create table event (
  ingest_seq bigint not null,
  source text not null,
  event_id text not null,
  type text not null,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  time_assumed boolean not null default false,
  sequence text,
  contact_id text,
  agent_id text,
  queue_id text,
  is_agent_event boolean not null,
  caller_hash text,
  caller_last text,
  data json,
  constraint event_ingest_seq_positive CHECK ((ingest_seq > 0))
);
CREATE INDEX event_by_contact ON ONLY public.event USING btree (contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX event_by_seq ON ONLY public.event USING btree (ingest_seq);

create table event_caller (
  ingest_seq bigint not null,
  received_at timestamp with time zone not null,
  contact_id text,
  sealed bytea not null
);
CREATE INDEX event_caller_by_contact ON ONLY public.event_caller USING btree (contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX event_caller_by_seq ON ONLY public.event_caller USING btree (ingest_seq);

create table event_key (
  key uuid not null,
  ingest_seq bigint not null,
  received_at timestamp with time zone not null,
  body_hash bigint,
  constraint event_key_pk PRIMARY KEY (key)
);

create table event_raw (
  ingest_seq bigint not null,
  received_at timestamp with time zone not null,
  raw json not null
);
CREATE INDEX event_raw_by_seq ON ONLY public.event_raw USING btree (ingest_seq);

create table fold_page (
  first_seq bigint not null,
  last_seq bigint not null,
  format integer not null,
  received_to timestamp with time zone not null,
  contact_from timestamp with time zone,
  contact_to timestamp with time zone,
  agent_from timestamp with time zone,
  contact_events text,
  contact_checksum text,
  agent_events text,
  agent_checksum text,
  constraint fold_page_pk PRIMARY KEY (first_seq),
  constraint fold_page_range CHECK ((first_seq <= last_seq))
);
CREATE INDEX fold_page_agent_by_time ON public.fold_page USING btree (first_seq) WHERE (agent_events IS NOT NULL);
CREATE INDEX fold_page_contact_by_time ON public.fold_page USING btree (contact_to) WHERE (contact_events IS NOT NULL);

create table forecast_day (
  queue_id text not null,
  day date not null,
  version integer not null,
  method text not null,
  author text not null,
  created_at timestamp with time zone not null,
  origin_at timestamp with time zone not null,
  interval_minutes integer not null,
  contacts_mean double precision[] not null,
  contacts_p2_5 double precision[] not null,
  contacts_p10 double precision[] not null,
  contacts_p90 double precision[] not null,
  contacts_p97_5 double precision[] not null,
  rate_cv double precision[] not null,
  aht_seconds double precision[] not null,
  day_mean double precision not null,
  day_p10 double precision not null,
  day_p90 double precision not null,
  history_days double precision not null,
  poisson_floor_wape double precision,
  notes json not null,
  intraday boolean not null default false,
  aht_seconds_sd double precision[],
  inputs json,
  constraint forecast_day_minutes_range CHECK (((interval_minutes >= 1) AND (interval_minutes <= 1440))),
  constraint forecast_day_pk PRIMARY KEY (queue_id, day, version),
  constraint forecast_day_version_positive CHECK ((version > 0))
);
CREATE INDEX forecast_day_by_day ON public.forecast_day USING btree (day, queue_id, version);

create table forecast_edit (
  edit_seq bigint not null generated always as identity,
  queue_id text not null,
  author text not null,
  created_at timestamp with time zone not null,
  reason text not null,
  measure text not null,
  operation text not null,
  from_day date not null,
  to_day date not null,
  from_minute integer not null,
  to_minute integer not null,
  weekdays double precision[],
  amount double precision,
  spread text not null,
  interval_minutes integer not null,
  cell_starts_epoch_ms double precision[],
  cell_values double precision[],
  removed_at timestamp with time zone,
  removed_by text,
  constraint forecast_edit_days_ordered CHECK ((from_day <= to_day)),
  constraint forecast_edit_measure_known CHECK ((measure = ANY (ARRAY['contacts'::text, 'aht'::text]))),
  constraint forecast_edit_minutes_ordered CHECK (((0 <= from_minute) AND (from_minute < to_minute) AND (to_minute <= 1440))),
  constraint forecast_edit_operation_known CHECK ((operation = ANY (ARRAY['set'::text, 'add'::text, 'percent'::text, 'min'::text, 'max'::text, 'smooth'::text, 'cells'::text]))),
  constraint forecast_edit_pk PRIMARY KEY (edit_seq),
  constraint forecast_edit_removed_whole CHECK (((removed_at IS NULL) = (removed_by IS NULL))),
  constraint forecast_edit_spread_known CHECK ((spread = ANY (ARRAY['each'::text, 'shape'::text])))
);
CREATE INDEX forecast_edit_by_queue ON public.forecast_edit USING btree (queue_id, from_day, to_day);

create table interval_revision (
  queue_id text not null,
  starts_at timestamp with time zone not null,
  revision integer not null,
  revised_at timestamp with time zone not null,
  changes json,
  constraint interval_revision_later CHECK ((revision > 1)),
  constraint interval_revision_pk PRIMARY KEY (starts_at, queue_id, revision)
);

create table interval_total (
  queue_id text not null,
  source text not null,
  start_at timestamp with time zone not null,
  interval_minutes integer not null,
  contacts double precision not null,
  handled double precision not null,
  handle_seconds double precision not null,
  constraint interval_total_counts_range CHECK (((contacts >= (0)::double precision) AND (handled >= (0)::double precision) AND (handle_seconds >= (0)::double precision))),
  constraint interval_total_minutes_range CHECK (((interval_minutes >= 1) AND (interval_minutes <= 1440))),
  constraint interval_total_pk PRIMARY KEY (queue_id, start_at, source)
);

create table ledger_day (
  day date not null,
  first_occurred_at timestamp with time zone not null,
  last_occurred_at timestamp with time zone not null,
  constraint ledger_day_pk PRIMARY KEY (day),
  constraint ledger_day_range CHECK ((first_occurred_at <= last_occurred_at))
);

create table ledger_head (
  only_row boolean not null,
  last_seq bigint not null,
  paged_seq bigint not null,
  dropped_to timestamp with time zone,
  constraint ledger_head_one_row CHECK (only_row),
  constraint ledger_head_paged_range CHECK (((paged_seq >= 0) AND (paged_seq <= last_seq))),
  constraint ledger_head_pk PRIMARY KEY (only_row)
);

create table method_comparison (
  comparison_seq bigint not null generated always as identity,
  queue_id text not null,
  compared_at timestamp with time zone not null,
  end_day date not null,
  lead_days integer not null,
  origins integer not null,
  pick text,
  scores json not null,
  constraint method_comparison_pk PRIMARY KEY (comparison_seq)
);
CREATE INDEX method_comparison_by_queue ON public.method_comparison USING btree (queue_id, comparison_seq);

create table number_right (
  user_id text not null,
  version integer not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  allowed boolean not null,
  constraint number_right_pk PRIMARY KEY (user_id, version),
  constraint number_right_version_positive CHECK ((version > 0))
);

create table number_view (
  view_id bigint not null generated always as identity,
  viewed_at timestamp with time zone not null,
  user_id text not null,
  user_name text not null,
  numbers integer not null,
  constraint number_view_pk PRIMARY KEY (view_id),
  constraint number_view_some CHECK ((numbers > 0))
);
CREATE INDEX number_view_by_user ON public.number_view USING btree (user_id, viewed_at);

create table one_off_mark (
  mark_seq bigint not null generated always as identity,
  queue_id text not null,
  day date not null,
  from_minute integer not null,
  to_minute integer not null,
  reason text not null,
  author text not null,
  created_at timestamp with time zone not null,
  removed_at timestamp with time zone,
  removed_by text,
  constraint one_off_mark_minutes_ordered CHECK (((0 <= from_minute) AND (from_minute < to_minute) AND (to_minute <= 1440))),
  constraint one_off_mark_pk PRIMARY KEY (mark_seq),
  constraint one_off_mark_removed_whole CHECK (((removed_at IS NULL) = (removed_by IS NULL)))
);
CREATE INDEX one_off_mark_by_queue ON public.one_off_mark USING btree (queue_id, day);

create table plan_version (
  queue_id text not null,
  day date not null,
  version integer not null,
  state text not null,
  author text not null,
  created_at timestamp with time zone not null,
  published_at timestamp with time zone,
  forecast_version integer,
  interval_minutes integer not null,
  agents double precision[] not null,
  constraint plan_version_minutes_range CHECK (((interval_minutes >= 1) AND (interval_minutes <= 1440))),
  constraint plan_version_pk PRIMARY KEY (queue_id, day, version),
  constraint plan_version_positive CHECK ((version > 0)),
  constraint plan_version_published_dated CHECK (((state = 'published'::text) = (published_at IS NOT NULL))),
  constraint plan_version_state_known CHECK ((state = ANY (ARRAY['draft'::text, 'published'::text])))
);
CREATE INDEX plan_version_published_by_day ON public.plan_version USING btree (day, queue_id, version) WHERE (state = 'published'::text);

create table ring_back (
  contact_id text not null,
  version integer not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  rung boolean not null,
  constraint ring_back_pk PRIMARY KEY (contact_id, version),
  constraint ring_back_version_positive CHECK ((version > 0))
);

create table schedule_day (
  day date not null,
  version integer not null,
  author text not null,
  created_at timestamp with time zone not null,
  segments json not null,
  constraint schedule_day_pk PRIMARY KEY (day, version),
  constraint schedule_day_version_positive CHECK ((version > 0))
);

create table schema_migration (
  name text not null,
  applied_at timestamp with time zone not null,
  sha256 text not null,
  constraint schema_migration_pk PRIMARY KEY (name)
);

create table session (
  secret_hash text not null,
  user_id text not null,
  expires_at timestamp with time zone not null,
  constraint session_of_user FOREIGN KEY (user_id) REFERENCES user_account(id) ON DELETE CASCADE,
  constraint session_pk PRIMARY KEY (secret_hash)
);
CREATE INDEX session_by_user ON public.session USING btree (user_id);

create table setting_version (
  kind text not null,
  id text not null,
  version integer not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  body json,
  constraint setting_version_pk PRIMARY KEY (kind, id, version),
  constraint setting_version_positive CHECK ((version > 0))
);

create table settled_interval (
  queue_id text not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  sums text,
  constraint settled_interval_lasts CHECK ((ends_at > starts_at)),
  constraint settled_interval_pk PRIMARY KEY (starts_at, queue_id)
);

create table settled_until (
  only_row boolean not null default true,
  told_to timestamp with time zone not null,
  constraint settled_until_one CHECK (only_row),
  constraint settled_until_pk PRIMARY KEY (only_row)
);

create table sign_in_link (
  secret_hash text not null,
  user_id text not null,
  expires_at timestamp with time zone not null,
  constraint sign_in_link_of_user FOREIGN KEY (user_id) REFERENCES user_account(id) ON DELETE CASCADE,
  constraint sign_in_link_pk PRIMARY KEY (secret_hash)
);
CREATE INDEX sign_in_link_by_user ON public.sign_in_link USING btree (user_id);

create table source (
  source text not null,
  first_occurred_at timestamp with time zone,
  last_occurred_at timestamp with time zone,
  last_received_at timestamp with time zone,
  accepted bigint not null default 0,
  duplicates bigint not null default 0,
  conflicts bigint not null default 0,
  rejected bigint not null default 0,
  constraint source_counts_range CHECK (((accepted >= 0) AND (rejected >= 0) AND (conflicts >= 0) AND (duplicates >= conflicts))),
  constraint source_pk PRIMARY KEY (source)
);

create table time_note (
  note_id text not null,
  version integer not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  queue_id text,
  kind text not null,
  heads integer,
  text text not null,
  removed boolean not null,
  constraint time_note_heads CHECK (((heads >= 1) AND (heads <= 10000))),
  constraint time_note_kind CHECK ((kind = ANY (ARRAY['outage'::text, 'campaign'::text, 'training'::text, 'other'::text]))),
  constraint time_note_pk PRIMARY KEY (note_id, version),
  constraint time_note_span CHECK ((to_at >= from_at)),
  constraint time_note_version_positive CHECK ((version > 0))
);
CREATE INDEX time_note_by_time ON public.time_note USING btree (from_at, to_at);

create table unknown_verb (
  source text not null,
  verb text not null,
  count bigint not null,
  constraint unknown_verb_count_range CHECK ((count >= 0)),
  constraint unknown_verb_pk PRIMARY KEY (source, verb)
);

create table user_account (
  id text not null,
  name text not null,
  role text not null,
  client_id text,
  created_at timestamp with time zone not null,
  constraint user_account_client_named CHECK (((role <> 'client'::text) OR (client_id IS NOT NULL))),
  constraint user_account_pk PRIMARY KEY (id),
  constraint user_account_role_known CHECK ((role = ANY (ARRAY['administrator'::text, 'director'::text, 'supervisor'::text, 'client'::text])))
);
