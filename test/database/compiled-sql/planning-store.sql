-- newestForecastsOf
select distinct on ("day") * from "forecast_day" where "queue_id" = $1 and "day" >= $2 and "day" <= $3 order by "day", "version" desc;

-- oldestForecastDay
select "day" from "forecast_day" order by "day" limit $1;

-- thinIntraday
delete from forecast_day where (queue_id, day, version) in (
  select queue_id, day, version from (
  select queue_id, day, version, row_number() over (
  partition by queue_id, floor(extract(epoch from origin_at) / $1::int)
  order by version desc) as place
  from forecast_day where day = $2::date and intraday) as update_of_day
  where place > 1 and not exists (
  select 1 from plan_version as plan where plan.queue_id = update_of_day.queue_id
  and plan.day = update_of_day.day and plan.forecast_version = update_of_day.version)
  limit $3::int);

-- newestForecastsOf without intraday
select distinct on ("day") * from "forecast_day" where "queue_id" = $1 and "day" >= $2 and "day" <= $3 and "intraday" = $4 order by "day", "version" desc;

-- addForecastEdits
begin;
insert into "forecast_edit" ("queue_id", "author", "created_at", "reason", "measure", "operation", "from_day", "to_day", "from_minute", "to_minute", "weekdays", "amount", "spread", "interval_minutes", "cell_starts_epoch_ms", "cell_values") values ($1, $2, to_timestamp($3::float8 / 1000), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::float8[], $16::float8[]) returning *;
commit;

-- forecastEdits
select * from "forecast_edit" where "queue_id" = $1 and "from_day" <= $2 and "to_day" >= $3 order by "edit_seq";

-- changeForecastEdit
update "forecast_edit" set "removed_at" = to_timestamp($1::float8 / 1000), "removed_by" = $2 where "edit_seq" = $3 and "queue_id" = $4 and "removed_at" is null returning *;

-- addOneOff
insert into "one_off_mark" ("queue_id", "day", "from_minute", "to_minute", "reason", "author", "created_at") values ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000)) returning *;

-- oneOffs
select * from "one_off_mark" where "queue_id" = $1 and "day" >= $2 and "day" <= $3 order by "day", "mark_seq";

-- changeOneOff
update "one_off_mark" set "removed_at" = to_timestamp($1::float8 / 1000), "removed_by" = $2 where "mark_seq" = $3 and "queue_id" = $4 and "removed_at" is null returning *;

-- addComparison
insert into "method_comparison" ("queue_id", "compared_at", "end_day", "lead_days", "origins", "pick", "scores") values ($1, to_timestamp($2::float8 / 1000), $3, $4, $5, $6, $7);

-- newestComparison
select * from "method_comparison" where "queue_id" = $1 order by "comparison_seq" desc limit $2;

-- addForecast
begin;
select pg_advisory_xact_lock($1::bigint);
select queue_id, day, max(version) as version from forecast_day
  where (queue_id, day) in (
  select * from unnest($1::text[],
  $2::date[]))
  group by queue_id, day;
insert into "forecast_day" ("queue_id", "day", "version", "method", "author", "created_at", "origin_at", "interval_minutes", "contacts_mean", "contacts_p2_5", "contacts_p10", "contacts_p90", "contacts_p97_5", "rate_cv", "aht_seconds", "day_mean", "day_p10", "day_p90", "history_days", "poisson_floor_wape", "notes", "intraday", "aht_seconds_sd", "inputs") values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000), $8, $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[], $16, $17, $18, $19, $20, $21, $22, $23::float8[], $24);
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
