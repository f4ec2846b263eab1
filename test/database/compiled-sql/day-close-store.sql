-- addDayClose
begin;
select pg_advisory_xact_lock($1::bigint);
insert into "day_close" ("day", "version", "closed_at", "hash", "report") values ($1, (select coalesce(max(version), 0) + 1 from day_close where day = $2), to_timestamp($3::float8 / 1000), $4, $5) returning *;
commit;

-- newestDayClose
select * from "day_close" where "day" = $1 order by "version" desc limit $2;

-- dayCloses
select * from "day_close" where "day" >= $1 and "day" <= $2 order by "day", "version";

-- cursor: read
select "ingest_seq" from "close_cursor";

-- cursor: advance
insert into close_cursor (ingest_seq) values ($1::bigint)
  on conflict on constraint close_cursor_pk do update
  set ingest_seq = greatest(close_cursor.ingest_seq, excluded.ingest_seq);
