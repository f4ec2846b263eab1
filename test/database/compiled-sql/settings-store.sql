-- current
select distinct on ("kind", "id") * from "setting_version" order by "kind", "id", "version" desc;

-- history
select * from "setting_version" where "kind" = $1 and "id" = $2 order by "version";

-- put
insert into setting_version (kind, id, version, changed_at, changed_by, body)
  select $1::text, $2::text, $3::int + 1, to_timestamp($4::float8 / 1000),
  $5::text, $6::json
  where $7::int = coalesce(
  (select max(version) from setting_version where kind = $8 and id = $9), 0)
  on conflict do nothing
  returning *;

-- createMissing
insert into setting_version (kind, id, version, changed_at, changed_by, body)
  select thing.kind, thing.id, 1, to_timestamp($1::float8 / 1000), $2::text, thing.body::json
  from unnest($3::text[], $4::text[], $5::text[]) as thing (kind, id, body)
  on conflict do nothing
  returning *;
