-- newestSchedule
select * from "schedule_day" where "day" = $1 order by "version" desc limit $2;

-- addSchedule
begin;
select pg_advisory_xact_lock($1::bigint);
insert into "schedule_day" ("day", "version", "author", "created_at", "segments") values ($1, (select coalesce(max(version), 0) + 1 from schedule_day where day = $2), $3, to_timestamp($4::float8 / 1000), $5) returning *;
commit;

-- revisions
select distinct on ("starts_at", "queue_id") * from "interval_revision" where "starts_at" >= to_timestamp($1::float8 / 1000) and "starts_at" < to_timestamp($2::float8 / 1000) order by "starts_at", "queue_id", "revision" desc;

-- revisionHistory
select * from "interval_revision" where "queue_id" = $1 and "starts_at" >= to_timestamp($2::float8 / 1000) and "starts_at" < to_timestamp($3::float8 / 1000) order by "starts_at", "revision";

-- settledIntervals
select * from "settled_interval" where "starts_at" >= to_timestamp($1::float8 / 1000) order by "starts_at", "queue_id";
select "told_to" from "settled_until";

-- putSettled
begin;
insert into interval_revision (queue_id, starts_at, revision, revised_at, changes)
  select queue_id, to_timestamp(starts_ms / 1000), revision, to_timestamp(revised_ms / 1000), changes::json
  from unnest($1::text[],
  $2::float8[],
  $3::int[],
  $4::float8[],
  $5::text[])
  as made (queue_id, starts_ms, revision, revised_ms, changes)
  order by starts_ms, queue_id, revision
  on conflict on constraint interval_revision_pk do nothing;
insert into settled_interval (queue_id, starts_at, ends_at, sums)
  select queue_id, to_timestamp(starts_ms / 1000), to_timestamp(ends_ms / 1000), sums
  from unnest($1::text[],
  $2::float8[],
  $3::float8[],
  $4::text[])
  as made (queue_id, starts_ms, ends_ms, sums)
  order by starts_ms, queue_id
  on conflict on constraint settled_interval_pk do update
  set ends_at = excluded.ends_at, sums = excluded.sums;
insert into settled_until (told_to) values (to_timestamp($1::float8 / 1000))
  on conflict on constraint settled_until_pk do update
  set told_to = greatest(settled_until.told_to, excluded.told_to);
commit;

-- forgetSettled
delete from "settled_interval" where "starts_at" < to_timestamp($1::float8 / 1000);
