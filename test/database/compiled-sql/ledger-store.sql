-- append
begin;
select pg_advisory_xact_lock(7165843002::bigint);
select max("ingest_seq") as "last_seq" from "event";
insert into event (ingest_seq, source, event_id, type, occurred_at, received_at, time_assumed, sequence,
  contact_id, agent_id, queue_id, is_agent_event, data)
  select $1::bigint + place, source, event_id, type,
  to_timestamp(occurred_ms / 1000), to_timestamp(received_ms / 1000), time_assumed, sequence,
  contact_id, agent_id, queue_id, starts_with(type, 'cc.agent.'), data::json
  from unnest(
  $2::text[], $3::text[], $4::text[],
  $5::float8[], $6::float8[],
  $7::boolean[],
  $8::text[], $9::text[],
  $10::text[], $11::text[],
  string_to_array($12::text, $13::text, '')
  ) with ordinality as incoming (source, event_id, type, occurred_ms, received_ms, time_assumed, sequence,
  contact_id, agent_id, queue_id, data, place)
  on conflict on constraint event_once do nothing
  returning ingest_seq;
insert into source (source, accepted, duplicates, conflicts, first_occurred_at, last_occurred_at, last_received_at)
  select source, accepted, duplicates, conflicts, to_timestamp(first_occurred_ms / 1000),
  to_timestamp(last_occurred_ms / 1000), to_timestamp(last_received_ms / 1000)
  from unnest($1::text[], $2::float8[],
  $3::float8[], $4::float8[],
  $5::float8[], $6::float8[],
  $7::float8[]
  ) as counted (source, accepted, duplicates, conflicts, first_occurred_ms, last_occurred_ms, last_received_ms)
  on conflict (source) do update set
  accepted = source.accepted + excluded.accepted,
  duplicates = source.duplicates + excluded.duplicates,
  conflicts = source.conflicts + excluded.conflicts,
  first_occurred_at = least(source.first_occurred_at, excluded.first_occurred_at),
  last_occurred_at = greatest(source.last_occurred_at, excluded.last_occurred_at),
  last_received_at = greatest(source.last_received_at, excluded.last_received_at);
commit;

-- append, known before
begin;
select pg_advisory_xact_lock(7165843002::bigint);
select max("ingest_seq") as "last_seq" from "event";
insert into event (ingest_seq, source, event_id, type, occurred_at, received_at, time_assumed, sequence,
  contact_id, agent_id, queue_id, is_agent_event, data)
  select $1::bigint + place, source, event_id, type,
  to_timestamp(occurred_ms / 1000), to_timestamp(received_ms / 1000), time_assumed, sequence,
  contact_id, agent_id, queue_id, starts_with(type, 'cc.agent.'), data::json
  from unnest(
  $2::text[], $3::text[], $4::text[],
  $5::float8[], $6::float8[],
  $7::boolean[],
  $8::text[], $9::text[],
  $10::text[], $11::text[],
  string_to_array($12::text, $13::text, '')
  ) with ordinality as incoming (source, event_id, type, occurred_ms, received_ms, time_assumed, sequence,
  contact_id, agent_id, queue_id, data, place)
  on conflict on constraint event_once do nothing
  returning ingest_seq;
set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off;
select json_agg(event.ingest_seq)::text as ingest_seq, json_agg(event.source)::text as source, json_agg(event.event_id)::text as event_id, json_agg(event.type)::text as type, json_agg(event.occurred_at)::text as occurred_at, json_agg(event.received_at)::text as received_at, json_agg(event.time_assumed)::text as time_assumed, json_agg(event.sequence)::text as sequence, json_agg(event.contact_id)::text as contact_id, json_agg(event.agent_id)::text as agent_id, json_agg(event.queue_id)::text as queue_id, json_agg(event.data)::text as data
  from unnest($1::text[], $2::text[]) as wanted (wanted_source, wanted_id)
  join event on source = wanted_source and event_id = wanted_id;
insert into source (source, accepted, duplicates, conflicts, first_occurred_at, last_occurred_at, last_received_at)
  select source, accepted, duplicates, conflicts, to_timestamp(first_occurred_ms / 1000),
  to_timestamp(last_occurred_ms / 1000), to_timestamp(last_received_ms / 1000)
  from unnest($1::text[], $2::float8[],
  $3::float8[], $4::float8[],
  $5::float8[], $6::float8[],
  $7::float8[]
  ) as counted (source, accepted, duplicates, conflicts, first_occurred_ms, last_occurred_ms, last_received_ms)
  on conflict (source) do update set
  accepted = source.accepted + excluded.accepted,
  duplicates = source.duplicates + excluded.duplicates,
  conflicts = source.conflicts + excluded.conflicts,
  first_occurred_at = least(source.first_occurred_at, excluded.first_occurred_at),
  last_occurred_at = greatest(source.last_occurred_at, excluded.last_occurred_at),
  last_received_at = greatest(source.last_received_at, excluded.last_received_at);
commit;

-- readAfter
begin;
set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
select json_agg(event.ingest_seq)::text as ingest_seq, json_agg(event.source)::text as source, json_agg(event.event_id)::text as event_id, json_agg(event.type)::text as type, json_agg(event.occurred_at)::text as occurred_at, json_agg(event.received_at)::text as received_at, json_agg(event.time_assumed)::text as time_assumed, json_agg(event.sequence)::text as sequence, json_agg(event.contact_id)::text as contact_id, json_agg(event.agent_id)::text as agent_id, json_agg(event.queue_id)::text as queue_id, json_agg(event.data)::text as data
  from (select * from event where ingest_seq > $1::bigint order by ingest_seq limit $2::int) as event;
commit;

-- readContactEvents
begin;
set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
select json_agg(event.ingest_seq)::text as ingest_seq, json_agg(event.source)::text as source, json_agg(event.event_id)::text as event_id, json_agg(event.type)::text as type, json_agg(event.occurred_at)::text as occurred_at, json_agg(event.received_at)::text as received_at, json_agg(event.time_assumed)::text as time_assumed, json_agg(event.sequence)::text as sequence, json_agg(event.contact_id)::text as contact_id, json_agg(event.agent_id)::text as agent_id, json_agg(event.queue_id)::text as queue_id, json_agg(event.data)::text as data
  from (select * from event where not is_agent_event and occurred_at >= to_timestamp($1::float8 / 1000) and occurred_at < to_timestamp($2::float8 / 1000) order by occurred_at, ingest_seq limit $3::int) as event;
commit;

-- readAgentEvents
begin;
set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
select json_agg(event.ingest_seq)::text as ingest_seq, json_agg(event.source)::text as source, json_agg(event.event_id)::text as event_id, json_agg(event.type)::text as type, json_agg(event.occurred_at)::text as occurred_at, json_agg(event.received_at)::text as received_at, json_agg(event.time_assumed)::text as time_assumed, json_agg(event.sequence)::text as sequence, json_agg(event.contact_id)::text as contact_id, json_agg(event.agent_id)::text as agent_id, json_agg(event.queue_id)::text as queue_id, json_agg(event.data)::text as data
  from (select * from event where is_agent_event and true and occurred_at < to_timestamp($1::float8 / 1000) order by occurred_at, ingest_seq limit $2::int) as event;
commit;

-- readContact
select json_agg(event.ingest_seq)::text as ingest_seq, json_agg(event.source)::text as source, json_agg(event.event_id)::text as event_id, json_agg(event.type)::text as type, json_agg(event.occurred_at)::text as occurred_at, json_agg(event.received_at)::text as received_at, json_agg(event.time_assumed)::text as time_assumed, json_agg(event.sequence)::text as sequence, json_agg(event.contact_id)::text as contact_id, json_agg(event.agent_id)::text as agent_id, json_agg(event.queue_id)::text as queue_id, json_agg(event.data)::text as data
  from (select * from event where contact_id = $1 order by ingest_seq) as event;

-- lastIngestSeq
select max("ingest_seq") as "last_seq" from "event";

-- timeRange
select
  least(
  (select min(occurred_at) from event where not is_agent_event and contact_id is not null),
  (select min(occurred_at) from event where is_agent_event)) as first_at,
  greatest(
  (select max(occurred_at) from event where not is_agent_event and contact_id is not null),
  (select max(occurred_at) from event where is_agent_event)) as last_at;

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
