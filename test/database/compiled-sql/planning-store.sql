-- addForecast
begin;
select pg_advisory_xact_lock($1::bigint);
select queue_id, day, max(version) as version from forecast_day
  where (queue_id, day) in (
  select * from unnest($1::text[],
  $2::date[]))
  group by queue_id, day;
insert into "forecast_day" ("queue_id", "day", "version", "method", "author", "created_at", "origin_at", "interval_minutes", "contacts_mean", "contacts_p2_5", "contacts_p10", "contacts_p90", "contacts_p97_5", "rate_cv", "aht_seconds", "day_mean", "day_p10", "day_p90", "history_days", "poisson_floor_wape", "notes") values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000), $8, $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[], $16, $17, $18, $19, $20, $21);
commit;

-- newestForecast
select * from "forecast_day" where "queue_id" = $1 and "day" = $2 order by "version" desc limit $3;

-- forecastVersions
select * from "forecast_day" where "queue_id" = $1 and "day" = $2 order by "version";

-- newestForecasts
select distinct on ("queue_id") * from "forecast_day" where "day" = $1 order by "queue_id", "version" desc;

-- addPlan
insert into plan_version (queue_id, day, version, state, author, created_at, published_at,
  forecast_version, interval_minutes, agents)
  select $1::text, $2::date, $3::int + 1, $4::text,
  $5::text, to_timestamp($6::float8 / 1000), null::timestamptz,
  $7::int, $8::int, $9::float8[]
  where $10::int = coalesce(
  (select max(version) from plan_version where queue_id = $11 and day = $12::date), 0)
  on conflict do nothing
  returning *;

-- newestPlan
select * from "plan_version" where "queue_id" = $1 and "day" = $2 order by "version" desc limit $3;

-- publishedPlan
select * from "plan_version" where "queue_id" = $1 and "day" = $2 and "state" = $3 order by "version" desc limit $4;

-- publishedPlans
select distinct on ("queue_id") * from "plan_version" where "day" = $1 and "state" = 'published' order by "queue_id", "version" desc;

-- planVersions
select * from "plan_version" where "queue_id" = $1 and "day" = $2 order by "version";
