-- Forecast and plan versions of a queue and site day. Array columns have one entry per interval of the day.

create table forecast_day (
  queue_id           text               not null,
  day                date               not null,
  version            integer            not null,
  method             text               not null,
  author             text               not null,
  created_at         timestamptz        not null,
  origin_at          timestamptz        not null,
  interval_minutes   integer            not null,
  contacts_mean      double precision[] not null,
  contacts_p2_5      double precision[] not null,
  contacts_p10       double precision[] not null,
  contacts_p90       double precision[] not null,
  contacts_p97_5     double precision[] not null,
  rate_cv            double precision[] not null,
  aht_seconds        double precision[] not null,
  day_mean           double precision   not null,
  day_p10            double precision   not null,
  day_p90            double precision   not null,
  history_days       double precision   not null,
  poisson_floor_wape double precision,
  notes              json               not null,
  -- Serves: newestForecast and forecastVersions.
  constraint forecast_day_pk primary key (queue_id, day, version),
  constraint forecast_day_version_positive check (version > 0),
  constraint forecast_day_minutes_range check (interval_minutes between 1 and 1440)
);
-- Serves: newestForecasts of every queue on one day.
create index forecast_day_by_day on forecast_day (day, queue_id, version);

create table plan_version (
  queue_id         text               not null,
  day              date               not null,
  version          integer            not null,
  state            text               not null,
  author           text               not null,
  created_at       timestamptz        not null,
  published_at     timestamptz,
  forecast_version integer,
  interval_minutes integer            not null,
  agents           double precision[] not null,
  -- Serves: newestPlan, publishedPlan and planVersions.
  constraint plan_version_pk primary key (queue_id, day, version),
  constraint plan_version_positive check (version > 0),
  constraint plan_version_minutes_range check (interval_minutes between 1 and 1440),
  constraint plan_version_state_known check (state in ('draft', 'published')),
  constraint plan_version_published_dated check ((state = 'published') = (published_at is not null))
);
-- Serves: publishedPlans of every queue on one day.
create index plan_version_published_by_day on plan_version (day, queue_id, version) where state = 'published';
