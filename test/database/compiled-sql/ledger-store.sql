-- append
begin;
select pg_advisory_xact_lock(7165843002::bigint);
select to_regclass($1::text) is not null as present;
create table "event_p20240603" (like "event" including defaults including constraints);
alter table "event" attach partition "event_p20240603" for values from ('2024-06-03 00:00:00+00') to ('2024-06-04 00:00:00+00');
select to_regclass($1::text) is not null as present;
create table "event_raw_p20240603" (like "event_raw" including defaults including constraints);
alter table "event_raw" attach partition "event_raw_p20240603" for values from ('2024-06-03 00:00:00+00') to ('2024-06-04 00:00:00+00');
select to_regclass($1::text) is not null as present;
create table "event_caller_p20240603" (like "event_caller" including defaults including constraints);
alter table "event_caller" attach partition "event_caller_p20240603" for values from ('2024-06-03 00:00:00+00') to ('2024-06-04 00:00:00+00');
commit;
begin;
select last_seq, paged_seq from ledger_head where only_row for update;
with stored as (
  insert into event_key (key, ingest_seq, received_at, body_hash)
  select key, $1::bigint + place, to_timestamp(coalesce(received_ms, $2::float8) / 1000), body_hash
  from unnest($3::uuid[],
  $4::bigint[], $5::float8[]
  ) with ordinality as incoming (key, body_hash, received_ms, place)
  on conflict (key) do nothing
  returning ingest_seq)
  select case when count(*) < $6::int then coalesce(json_agg(ingest_seq), '[]') end::text as seqs
  from stored;
insert into event (ingest_seq, source, event_id, type, occurred_at, received_at, time_assumed, sequence,
  contact_id, agent_id, queue_id, is_agent_event, caller_hash, caller_last, data)
  select coalesce(seq, $1::bigint + place), coalesce(source, $2::text), event_id,
  ($3::text[])[type], to_timestamp(occurred_ms / 1000),
  to_timestamp(coalesce(received_ms, $4::float8) / 1000), coalesce(time_assumed, false), sequence,
  contact_id, agent_id, queue_id,
  ($5::boolean[])[type], caller_hash, caller_last, data::json
  from unnest($6::bigint[], $7::text[],
  $8::text[], $9::int[],
  $10::float8[], $11::float8[],
  $12::boolean[], $13::text[],
  $14::text[],
  $15::text[],
  $16::text[],
  $17::text[], $18::text[],
  string_to_array($19::text, $20::text, '')
  ) with ordinality as incoming (seq, source, event_id, type, occurred_ms, received_ms, time_assumed, sequence,
  contact_id, agent_id, queue_id, caller_hash, caller_last, data, place)
  where true;
insert into ledger_day (day, first_occurred_at, last_occurred_at)
  select day, to_timestamp(first_ms / 1000), to_timestamp(last_ms / 1000)
  from unnest($1::date[],
  $2::float8[],
  $3::float8[]) as received (day, first_ms, last_ms)
  where true
  on conflict (day) do update set
  first_occurred_at = least(ledger_day.first_occurred_at, excluded.first_occurred_at),
  last_occurred_at = greatest(ledger_day.last_occurred_at, excluded.last_occurred_at);
insert into source (source, accepted, duplicates, conflicts, first_occurred_at, last_occurred_at, last_received_at)
  select source, accepted, duplicates, conflicts, to_timestamp(first_occurred_ms / 1000),
  to_timestamp(last_occurred_ms / 1000), to_timestamp(last_received_ms / 1000)
  from unnest($1::text[], $2::float8[],
  $3::float8[], $4::float8[],
  $5::float8[], $6::float8[],
  $7::float8[]
  ) as counted (source, accepted, duplicates, conflicts, first_occurred_ms, last_occurred_ms, last_received_ms)
  where true
  on conflict (source) do update set
  accepted = source.accepted + excluded.accepted,
  duplicates = source.duplicates + excluded.duplicates,
  conflicts = source.conflicts + excluded.conflicts,
  first_occurred_at = least(source.first_occurred_at, excluded.first_occurred_at),
  last_occurred_at = greatest(source.last_occurred_at, excluded.last_occurred_at),
  last_received_at = greatest(source.last_received_at, excluded.last_received_at);
update ledger_head set last_seq = $1::bigint, paged_seq = $2::bigint;
commit;

-- append, known before
with head as (
  update ledger_head set last_seq = $1::bigint, paged_seq = $2::bigint
  where only_row and last_seq = $3::bigint and paged_seq = $4::bigint
  returning last_seq),
  "part_0" as (
  insert into event (ingest_seq, source, event_id, type, occurred_at, received_at, time_assumed, sequence,
  contact_id, agent_id, queue_id, is_agent_event, caller_hash, caller_last, data)
  select coalesce(seq, $5::bigint + place), coalesce(source, $6::text), event_id,
  ($7::text[])[type], to_timestamp(occurred_ms / 1000),
  to_timestamp(coalesce(received_ms, $8::float8) / 1000), coalesce(time_assumed, false), sequence,
  contact_id, agent_id, queue_id,
  ($9::boolean[])[type], caller_hash, caller_last, data::json
  from unnest($10::bigint[], $11::text[],
  $12::text[], $13::int[],
  $14::float8[], $15::float8[],
  $16::boolean[], $17::text[],
  $18::text[],
  $19::text[],
  $20::text[],
  $21::text[], $22::text[],
  string_to_array($23::text, $24::text, '')
  ) with ordinality as incoming (seq, source, event_id, type, occurred_ms, received_ms, time_assumed, sequence,
  contact_id, agent_id, queue_id, caller_hash, caller_last, data, place)
  where exists (select from head)), "part_1" as (
  insert into ledger_day (day, first_occurred_at, last_occurred_at)
  select day, to_timestamp(first_ms / 1000), to_timestamp(last_ms / 1000)
  from unnest($25::date[],
  $26::float8[],
  $27::float8[]) as received (day, first_ms, last_ms)
  where exists (select from head)
  on conflict (day) do update set
  first_occurred_at = least(ledger_day.first_occurred_at, excluded.first_occurred_at),
  last_occurred_at = greatest(ledger_day.last_occurred_at, excluded.last_occurred_at)), "part_2" as (
  insert into source (source, accepted, duplicates, conflicts, first_occurred_at, last_occurred_at, last_received_at)
  select source, accepted, duplicates, conflicts, to_timestamp(first_occurred_ms / 1000),
  to_timestamp(last_occurred_ms / 1000), to_timestamp(last_received_ms / 1000)
  from unnest($28::text[], $29::float8[],
  $30::float8[], $31::float8[],
  $32::float8[], $33::float8[],
  $34::float8[]
  ) as counted (source, accepted, duplicates, conflicts, first_occurred_ms, last_occurred_ms, last_received_ms)
  where exists (select from head)
  on conflict (source) do update set
  accepted = source.accepted + excluded.accepted,
  duplicates = source.duplicates + excluded.duplicates,
  conflicts = source.conflicts + excluded.conflicts,
  first_occurred_at = least(source.first_occurred_at, excluded.first_occurred_at),
  last_occurred_at = greatest(source.last_occurred_at, excluded.last_occurred_at),
  last_received_at = greatest(source.last_received_at, excluded.last_received_at)), "part_3" as (
  insert into event_key (key, ingest_seq, received_at, body_hash)
  select key, $35::bigint + place, to_timestamp(coalesce(received_ms, $36::float8) / 1000), body_hash
  from unnest($37::uuid[],
  $38::bigint[], $39::float8[]
  ) with ordinality as incoming (key, body_hash, received_ms, place)
  where exists (select from head) order by key)
  select exists (select from head) as moved;
begin;
select last_seq, paged_seq from ledger_head where only_row for update;
with stored as (
  insert into event_key (key, ingest_seq, received_at, body_hash)
  select key, $1::bigint + place, to_timestamp(coalesce(received_ms, $2::float8) / 1000), body_hash
  from unnest($3::uuid[],
  $4::bigint[], $5::float8[]
  ) with ordinality as incoming (key, body_hash, received_ms, place)
  on conflict (key) do nothing
  returning ingest_seq)
  select case when count(*) < $6::int then coalesce(json_agg(ingest_seq), '[]') end::text as seqs
  from stored;
select json_agg(key)::text as keys, json_agg(body_hash)::text as hashes
  from event_key where key = any($1::uuid[]);
insert into source (source, accepted, duplicates, conflicts, first_occurred_at, last_occurred_at, last_received_at)
  select source, accepted, duplicates, conflicts, to_timestamp(first_occurred_ms / 1000),
  to_timestamp(last_occurred_ms / 1000), to_timestamp(last_received_ms / 1000)
  from unnest($1::text[], $2::float8[],
  $3::float8[], $4::float8[],
  $5::float8[], $6::float8[],
  $7::float8[]
  ) as counted (source, accepted, duplicates, conflicts, first_occurred_ms, last_occurred_ms, last_received_ms)
  where true
  on conflict (source) do update set
  accepted = source.accepted + excluded.accepted,
  duplicates = source.duplicates + excluded.duplicates,
  conflicts = source.conflicts + excluded.conflicts,
  first_occurred_at = least(source.first_occurred_at, excluded.first_occurred_at),
  last_occurred_at = greatest(source.last_occurred_at, excluded.last_occurred_at),
  last_received_at = greatest(source.last_received_at, excluded.last_received_at);
update ledger_head set last_seq = $1::bigint, paged_seq = $2::bigint;
commit;

-- readAfter
begin;
set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
select json_agg(event.ingest_seq)::text as ingest_seq, json_agg(event.source)::text as source, json_agg(event.event_id)::text as event_id, json_agg(event.type)::text as type, json_agg(event.occurred_at)::text as occurred_at, json_agg(event.received_at)::text as received_at, json_agg(event.time_assumed)::text as time_assumed, json_agg(event.sequence)::text as sequence, json_agg(event.contact_id)::text as contact_id, json_agg(event.agent_id)::text as agent_id, json_agg(event.queue_id)::text as queue_id, json_agg(event.data)::text as data
  from (select * from event where ingest_seq > $1::bigint order by ingest_seq limit $2::int) as event;
commit;

-- readContactEvents
select "last_seq", "paged_seq" from "ledger_head";
select json_agg(first_seq order by first_seq)::text as seqs from fold_page
  where contact_events is not null and contact_to >= to_timestamp($1::float8 / 1000) and contact_from < to_timestamp($2::float8 / 1000) and last_seq <= $3::bigint;
begin;
set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
select json_agg(event.ingest_seq)::text as ingest_seq, json_agg(event.source)::text as source, json_agg(event.event_id)::text as event_id, json_agg(event.type)::text as type, json_agg(event.occurred_at)::text as occurred_at, json_agg(event.received_at)::text as received_at, json_agg(event.time_assumed)::text as time_assumed, json_agg(event.sequence)::text as sequence, json_agg(event.contact_id)::text as contact_id, json_agg(event.agent_id)::text as agent_id, json_agg(event.queue_id)::text as queue_id, json_agg(event.data)::text as data
  from (select * from event where ingest_seq > $1::bigint and ingest_seq <= $2::bigint
  and not is_agent_event and occurred_at >= to_timestamp($3::float8 / 1000) and occurred_at < to_timestamp($4::float8 / 1000) order by ingest_seq limit $5::int) as event;
commit;

-- readAgentEvents
select "last_seq", "paged_seq" from "ledger_head";
select json_agg(first_seq order by first_seq)::text as seqs from fold_page
  where agent_events is not null and agent_from < to_timestamp($1::float8 / 1000) and last_seq <= $2::bigint;
begin;
set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
select json_agg(event.ingest_seq)::text as ingest_seq, json_agg(event.source)::text as source, json_agg(event.event_id)::text as event_id, json_agg(event.type)::text as type, json_agg(event.occurred_at)::text as occurred_at, json_agg(event.received_at)::text as received_at, json_agg(event.time_assumed)::text as time_assumed, json_agg(event.sequence)::text as sequence, json_agg(event.contact_id)::text as contact_id, json_agg(event.agent_id)::text as agent_id, json_agg(event.queue_id)::text as queue_id, json_agg(event.data)::text as data
  from (select * from event where ingest_seq > $1::bigint and ingest_seq <= $2::bigint
  and is_agent_event and true and occurred_at < to_timestamp($3::float8 / 1000) order by ingest_seq limit $4::int) as event;
commit;

-- readContact
select json_agg(event.ingest_seq)::text as ingest_seq, json_agg(event.source)::text as source, json_agg(event.event_id)::text as event_id, json_agg(event.type)::text as type, json_agg(event.occurred_at)::text as occurred_at, json_agg(event.received_at)::text as received_at, json_agg(event.time_assumed)::text as time_assumed, json_agg(event.sequence)::text as sequence, json_agg(event.contact_id)::text as contact_id, json_agg(event.agent_id)::text as agent_id, json_agg(event.queue_id)::text as queue_id, json_agg(event.data)::text as data, json_agg(caller_hash)::text as caller_hashes,
  json_agg((select raw::text from event_raw as line
  where line.ingest_seq = event.ingest_seq and line.received_at = event.received_at))::text as raws,
  json_agg((select encode(sealed, 'base64') from event_caller as caller
  where caller.ingest_seq = event.ingest_seq and caller.received_at = event.received_at))::text as callers
  from (select * from event where contact_id = $1 order by ingest_seq) as event;

-- lastIngestSeq
select "last_seq", "paged_seq" from "ledger_head";

-- timeRange
select min(first_occurred_at) as first_at, max(last_occurred_at) as last_at from ledger_day;

-- recordDeadLetters
begin;
insert into dead_letter (source, received_at, place, reason, excerpt)
  select source, to_timestamp(received_ms / 1000), place, reason, excerpt
  from unnest($1::text[],
  $2::float8[],
  $3::text[], $4::text[],
  $5::text[]
  ) as incoming (source, received_ms, place, reason, excerpt);
insert into source (source, rejected) values ($1, $2::bigint)
  on conflict (source) do update set rejected = source.rejected + excluded.rejected;
delete from dead_letter where source = $1 and letter_seq <= (
  select letter_seq from dead_letter where source = $2
  order by letter_seq desc offset 10000 limit 1);
commit;

-- deadLetters of one source
select "source", "received_at", "place", "reason", "excerpt" from "dead_letter" where "source" = $1 order by "letter_seq" desc limit $2;

-- deadLetters of all
select "source", "received_at", "place", "reason", "excerpt" from "dead_letter" order by "letter_seq" desc limit $1;

-- recordUnknownVerbs
begin;
insert into source (source) values ($1) on conflict do nothing;
insert into unknown_verb (source, verb, count)
  select $1::text, verb, count
  from unnest($2::text[],
  $3::float8[]) as incoming (verb, count)
  on conflict (source, verb) do update set count = unknown_verb.count + excluded.count;
commit;

-- sourceStatuses
select * from "source" order by "source";
select * from "unknown_verb" order by "source", "verb";

-- putIntervalTotals
begin;
insert into interval_total (queue_id, source, start_at, interval_minutes, contacts, handled, handle_seconds)
  select queue_id, source, to_timestamp(start_ms / 1000), interval_minutes, contacts, handled, handle_seconds
  from unnest($1::text[],
  $2::text[], $3::float8[],
  $4::float8[], $5::float8[],
  $6::float8[], $7::float8[]
  ) as incoming (queue_id, source, start_ms, interval_minutes, contacts, handled, handle_seconds)
  on conflict (queue_id, start_at, source) do update set
  interval_minutes = excluded.interval_minutes, contacts = excluded.contacts,
  handled = excluded.handled, handle_seconds = excluded.handle_seconds;
commit;

-- intervalTotals
select * from "interval_total" where "queue_id" = $1 and "start_at" >= to_timestamp($2::float8 / 1000) and "start_at" < to_timestamp($3::float8 / 1000) order by "start_at", "source";
