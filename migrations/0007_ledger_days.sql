-- The ledger by days: events in partitions by the UTC day of their receipt, so that an old day is dropped as a whole.
-- Receipt and not occurrence: our clock makes one partition a day, a sender's clock (or an import of ten years) would make
-- any number; and history that is imported today is kept as long as what comes in today.

alter table event rename to event_before;
alter table event_before drop constraint event_pk, drop constraint event_once, drop constraint event_ingest_seq_positive;
drop index event_contact_by_time;
drop index event_agent_by_time;
drop index event_by_contact;

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
  -- What stays of the caller's number: a keyed hash and its last digits.
  caller_hash    text,
  caller_last    text,
  -- The other fields of the event's data, without the number and the source's raw text; null when there are none.
  data           json,
  constraint event_ingest_seq_positive check (ingest_seq > 0)
) partition by range (received_at);

-- Serves: readAfter, and the events behind a page that cannot be read.
create index event_by_seq on event (ingest_seq);
-- Serves: timeRange, and the events of a period that are in no page yet.
create index event_contact_by_time on event (occurred_at, ingest_seq) where not is_agent_event;
create index event_agent_by_time on event (occurred_at, ingest_seq) where is_agent_event;
-- Serves: readContact, the events of one contact.
create index event_by_contact on event (contact_id) where contact_id is not null;

-- The source's raw text, kept for a time of its own.
create table event_raw (
  ingest_seq  bigint      not null,
  received_at timestamptz not null,
  raw         json        not null
) partition by range (received_at);
-- Serves: readContact.
create index event_raw_by_seq on event_raw (ingest_seq);

-- The caller's number, sealed (first byte: 1 = AES-256-GCM, 0 = from before there was a key, sealed at the next start).
create table event_caller (
  ingest_seq  bigint      not null,
  received_at timestamptz not null,
  contact_id  text,
  sealed      bytea       not null
) partition by range (received_at);
-- Serves: readContact, and sealing what is not.
create index event_caller_by_seq on event_caller (ingest_seq);
-- Serves: callers, the numbers of abandoned contacts.
create index event_caller_by_contact on event_caller (contact_id) where contact_id is not null;

-- What makes (source, event_id) unique over all days: one row an event, as long as the event is kept.
create table event_key (
  -- First half of SHA-256 over the source's length in bytes, a colon, the source and the id.
  key         uuid        not null,
  ingest_seq  bigint      not null,
  received_at timestamptz not null,
  -- Keyed hash of what the event says: the same again is known without reading the event. Null: read it.
  body_hash   bigint,
  -- Serves: append, which keeps the first event of each key.
  constraint event_key_pk primary key (key)
);

-- One row: the newest event, and up to where events are in pages. Its lock puts appends one after the other.
create table ledger_head (
  only_row  boolean not null,
  last_seq  bigint  not null,
  paged_seq bigint  not null,
  -- Days of receipt before this instant have been dropped.
  dropped_to timestamptz,
  constraint ledger_head_pk primary key (only_row),
  constraint ledger_head_one_row check (only_row),
  constraint ledger_head_paged_range check (paged_seq between 0 and last_seq)
);

-- Checkpoints: runs of events as the fold reads them, columns instead of rows; nothing personal. Together they hold every
-- event up to paged_seq. The events stay the truth: a page that cannot be read is read from them.
create table fold_page (
  first_seq        bigint      not null,
  last_seq         bigint      not null,
  format           integer     not null,
  received_to      timestamptz not null,
  contact_from     timestamptz,
  contact_to       timestamptz,
  agent_from       timestamptz,
  -- Each kind apart, so that one is read without the other. The checksums are of these two.
  contact_events   text,
  contact_checksum text,
  agent_events     text,
  agent_checksum   text,
  constraint fold_page_pk primary key (first_seq),
  constraint fold_page_range check (first_seq <= last_seq)
);
-- Compressing takes longer than writing.
alter table fold_page alter column contact_events set storage external;
alter table fold_page alter column agent_events set storage external;
-- Serves: the pages of a period.
create index fold_page_contact_by_time on fold_page (contact_to) where contact_events is not null;
create index fold_page_agent_by_time on fold_page (first_seq) where agent_events is not null;

do $$
declare
  of_day date;
  part text;
begin
  for of_day in select distinct (received_at at time zone 'UTC')::date from event_before loop
    foreach part in array array['event', 'event_raw', 'event_caller'] loop
      execute format('create table %I partition of %I for values from (%L) to (%L)',
        part || '_p' || to_char(of_day, 'YYYYMMDD'), part,
        to_char(of_day, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(of_day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
    end loop;
  end loop;
end $$;

-- PostgreSQL reads no field of a text that spells \u0000; such rows stay as they are.
alter table event_before add column split boolean not null default false;
update event_before set split = true
where data::text ~ '"(callerNumber|raw)"' and position('\u0000' in data::text) = 0;

insert into event (ingest_seq, source, event_id, type, occurred_at, received_at, time_assumed, sequence, contact_id,
  agent_id, queue_id, is_agent_event, caller_last, data)
select ingest_seq, source, event_id, type, occurred_at, received_at, time_assumed, sequence, contact_id,
  agent_id, queue_id, is_agent_event,
  case when split and length(data ->> 'callerNumber') > 4 then right(data ->> 'callerNumber', 2) end,
  case when not split then data
    else (select json_object_agg(key, value) from json_each(data) where key not in ('callerNumber', 'raw')) end
from event_before;

insert into event_raw (ingest_seq, received_at, raw)
select ingest_seq, received_at, raw
from (select ingest_seq, received_at, case when split then data -> 'raw' end as raw from event_before) as lines
where raw is not null;

insert into event_caller (ingest_seq, received_at, contact_id, sealed)
select ingest_seq, received_at, contact_id, '\x00'::bytea || convert_to(number, 'UTF8')
from (select ingest_seq, received_at, contact_id, case when split then data ->> 'callerNumber' end as number
  from event_before) as calls
where number is not null;

insert into event_key (key, ingest_seq, received_at)
select encode(substring(sha256(convert_to(octet_length(source) || ':' || source || event_id, 'UTF8')) for 16), 'hex')::uuid,
  ingest_seq, received_at
from event_before;

insert into ledger_head (only_row, last_seq, paged_seq)
select true, coalesce(max(ingest_seq), 0), 0 from event_before;

drop table event_before;
