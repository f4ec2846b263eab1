-- The ledger: one append-only table of events, and what is counted beside it.
-- `json`, not `jsonb`, throughout: kept as received, and it takes every text that JSON can spell (jsonb refuses \u0000).

create table event (
  ingest_seq     bigint      not null,
  source         text        not null,
  event_id       text        not null,
  type           text        not null,
  occurred_at    timestamptz not null,
  received_at    timestamptz not null,
  time_assumed   boolean     not null default false,
  sequence       text,
  -- These three are fields of the event's data, kept once, here.
  contact_id     text,
  agent_id       text,
  queue_id       text,
  is_agent_event boolean     not null,
  -- The other fields of the event's data; null when there are none.
  data           json,
  constraint event_pk primary key (ingest_seq),
  -- Serves: append, which keeps the first event of each (source, event_id).
  constraint event_once unique (source, event_id),
  constraint event_ingest_seq_positive check (ingest_seq > 0)
);

-- Serves: readContactEvents, pages of one period by (occurred_at, ingest_seq).
create index event_contact_by_time on event (occurred_at, ingest_seq) where not is_agent_event;
-- Serves: readAgentEvents, pages of all agent events up to an instant.
create index event_agent_by_time on event (occurred_at, ingest_seq) where is_agent_event;
-- Serves: readContact, the events of one contact.
create index event_by_contact on event (contact_id) where contact_id is not null;

-- What each source has sent so far; changed in the transaction of the batch that it counts.
create table source (
  source            text        not null,
  first_occurred_at timestamptz,
  last_occurred_at  timestamptz,
  last_received_at  timestamptz,
  accepted          bigint      not null default 0,
  duplicates        bigint      not null default 0,
  conflicts         bigint      not null default 0,
  rejected          bigint      not null default 0,
  constraint source_pk primary key (source),
  constraint source_counts_range
    check (accepted >= 0 and rejected >= 0 and conflicts >= 0 and duplicates >= conflicts)
);

-- Lines and events that could not be taken, the newest of each source.
create table dead_letter (
  letter_seq  bigint      generated always as identity,
  source      text        not null,
  received_at timestamptz not null,
  place       text        not null,
  reason      text        not null,
  excerpt     text        not null,
  constraint dead_letter_pk primary key (letter_seq)
);
-- Serves: deadLetters of one source, newest first, and the trimming of old ones.
create index dead_letter_by_source on dead_letter (source, letter_seq);

create table unknown_verb (
  source text   not null,
  verb   text   not null,
  count  bigint not null,
  constraint unknown_verb_pk primary key (source, verb),
  constraint unknown_verb_count_range check (count >= 0)
);

-- Imported history without single contacts.
create table interval_total (
  queue_id         text             not null,
  source           text             not null,
  start_at         timestamptz      not null,
  interval_minutes integer          not null,
  contacts         double precision not null,
  handled          double precision not null,
  handle_seconds   double precision not null,
  -- Serves: putIntervalTotals (the same interval again replaces), and intervalTotals of one queue by time.
  constraint interval_total_pk primary key (queue_id, start_at, source),
  constraint interval_total_minutes_range check (interval_minutes between 1 and 1440),
  constraint interval_total_counts_range check (contacts >= 0 and handled >= 0 and handle_seconds >= 0)
);
