-- Alerts with everything that happened to them, their thresholds, and notes pinned to a time. Every change is a row; none is rewritten.

create table alert_change (
  alert_id   text        not null,
  version    integer     not null,
  -- raised, acknowledged, ended
  kind       text        not null,
  changed_at timestamptz not null,
  -- The person who acknowledged; "vigie" for what the program saw.
  changed_by text        not null,
  -- Whose thresholds: the site's or a board's.
  scope      text        not null,
  -- level, longest-wait, coverage, source
  cause      text        not null,
  -- The queue or the source.
  subject    text        not null,
  -- What was measured, and the threshold that it passed, in the cause's own unit.
  measured   float8      not null,
  threshold  float8      not null,
  constraint alert_change_pk primary key (alert_id, version),
  constraint alert_change_version_positive check (version > 0),
  constraint alert_change_kind check (kind in ('raised', 'acknowledged', 'ended')),
  constraint alert_change_cause check (cause in ('level', 'longest-wait', 'coverage', 'source'))
);
-- Serves: changes since an instant, for the alerts that are open and for the history.
create index alert_change_by_time on alert_change (changed_at);

create table alert_threshold (
  scope      text        not null,
  version    integer     not null,
  changed_at timestamptz not null,
  changed_by text        not null,
  -- null: the scope has thresholds of its own no more
  body       json,
  -- Serves: the newest version of every scope.
  constraint alert_threshold_pk primary key (scope, version),
  constraint alert_threshold_version_positive check (version > 0)
);

create table time_note (
  note_id    text        not null,
  version    integer     not null,
  changed_at timestamptz not null,
  changed_by text        not null,
  from_at    timestamptz not null,
  to_at      timestamptz not null,
  -- null: the whole site
  queue_id   text,
  -- outage, campaign, training, other
  kind       text        not null,
  -- Agents away from the phones; for a training.
  heads      integer,
  text       text        not null,
  removed    boolean     not null,
  -- Serves: the versions of one note, and the newest of all.
  constraint time_note_pk primary key (note_id, version),
  constraint time_note_version_positive check (version > 0),
  constraint time_note_span check (to_at >= from_at),
  constraint time_note_kind check (kind in ('outage', 'campaign', 'training', 'other')),
  constraint time_note_heads check (heads between 1 and 10000)
);
-- Serves: notes of a span.
create index time_note_by_time on time_note (from_at, to_at);
