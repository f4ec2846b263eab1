-- The schema after all migrations, dumped by test/database/schema.pg.test.ts (vitest -u writes it). Not run by anything.

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
  data json,
  constraint event_ingest_seq_positive CHECK ((ingest_seq > 0)),
  constraint event_once UNIQUE (source, event_id),
  constraint event_pk PRIMARY KEY (ingest_seq)
);
CREATE INDEX event_agent_by_time ON public.event USING btree (occurred_at, ingest_seq) WHERE is_agent_event;
CREATE INDEX event_by_contact ON public.event USING btree (contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX event_contact_by_time ON public.event USING btree (occurred_at, ingest_seq) WHERE (NOT is_agent_event);

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
  constraint forecast_day_minutes_range CHECK (((interval_minutes >= 1) AND (interval_minutes <= 1440))),
  constraint forecast_day_pk PRIMARY KEY (queue_id, day, version),
  constraint forecast_day_version_positive CHECK ((version > 0))
);
CREATE INDEX forecast_day_by_day ON public.forecast_day USING btree (day, queue_id, version);

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
