-- What agents are scheduled to do on a day, and the intervals whose figures changed after they were final.

create table schedule_day (
  day        date        not null,
  version    integer     not null,
  author     text        not null,
  created_at timestamptz not null,
  -- [{"agentId", "activity", "startMs", "endMs"}], by agent and start.
  segments   json        not null,
  -- Serves: newest schedule of a day.
  constraint schedule_day_pk primary key (day, version),
  constraint schedule_day_version_positive check (version > 0)
);

create table interval_revision (
  queue_id   text        not null,
  starts_at  timestamptz not null,
  revision   integer     not null,
  revised_at timestamptz not null,
  -- Serves: revisions of a span of time, over all queues.
  constraint interval_revision_pk primary key (starts_at, queue_id),
  -- The first is the one that was made when the interval ended; it is not written down.
  constraint interval_revision_later check (revision > 1)
);
