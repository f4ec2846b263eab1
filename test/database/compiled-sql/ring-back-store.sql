-- addRingBack
insert into ring_back (contact_id, version, changed_at, changed_by, rung)
  select $1::text, $2::int, to_timestamp($3::float8 / 1000), $4::text, $5::boolean
  where $6::int = 1 + coalesce(
  (select max(version) from "ring_back" where "contact_id" = $7::text), 0)
  on conflict do nothing
  returning contact_id;

-- ringBacks
select distinct on (contact_id) * from ring_back
  where contact_id = any($1::text[])
  order by contact_id, version desc;

-- addNumberRight
insert into number_right (user_id, version, changed_at, changed_by, allowed)
  select $1::text, 1 + coalesce(
  (select max(version) from "number_right" where "user_id" = $2::text), 0),
  to_timestamp($3::float8 / 1000), $4::text, $5::boolean;

-- numberRights
select distinct on ("user_id") * from "number_right" order by "user_id", "version" desc;

-- addNumberView
begin;
select pg_advisory_xact_lock($1::bigint);
insert into number_view (viewed_at, user_id, user_name, numbers)
  select to_timestamp($1::float8 / 1000), $2::text, $3::text, $4::int
  where $5::int + coalesce((select sum(numbers) from number_view
  where user_id = $6::text and viewed_at > to_timestamp($7::float8 / 1000)), 0) <= $8::int
  returning user_id;
commit;

-- numberViews
select * from "number_view" order by "view_id" desc limit $1;
