-- addAlertChange
insert into "alert_change" ("alert_id", "version", "kind", "changed_at", "changed_by", "scope", "cause", "subject", "measured", "threshold") values ($1, $2, $3, to_timestamp($4::float8 / 1000), $5, $6, $7, $8, $9, $10) on conflict do nothing returning "alert_id";

-- alertChanges
select * from alert_change where alert_id in (
  select alert_id from alert_change group by alert_id
  having not bool_or(kind = 'ended') or max(changed_at) >= to_timestamp($1::float8 / 1000))
  order by alert_id, version;

-- addThresholds
insert into alert_threshold (scope, version, changed_at, changed_by, body)
  select $1::text, $2::int, to_timestamp($3::float8 / 1000), $4::text,
  $5::json
  where $6::int = 1 + coalesce(
  (select max(version) from "alert_threshold" where "scope" = $7::text), 0)
  on conflict do nothing
  returning *;

-- thresholds
select distinct on ("scope") * from "alert_threshold" order by "scope", "version" desc;

-- notes: addNoteVersion
insert into time_note (note_id, version, changed_at, changed_by, from_at, to_at, queue_id, kind, heads, text,
  removed)
  select $1::text, $2::int, to_timestamp($3::float8 / 1000), $4::text,
  to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000), $7::text, $8::text,
  $9::int, $10::text, $11::boolean
  where $12::int = 1 + coalesce(
  (select max(version) from "time_note" where "note_id" = $13::text), 0)
  on conflict do nothing
  returning note_id;

-- notes: newestNote
select * from "time_note" where "note_id" = $1 order by "version" desc limit $2;

-- notes: notes
select n.* from time_note n
  where n.from_at < to_timestamp($1::float8 / 1000) and n.to_at >= to_timestamp($2::float8 / 1000) and not n.removed
  and not exists (select 1 from time_note later
  where later.note_id = n.note_id and later.version > n.version)
  order by n.from_at, n.note_id;

-- notes: noteVersions
select * from "time_note" where "note_id" = $1 order by "version";
