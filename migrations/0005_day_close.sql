-- Closed days: the frozen report with a hash over it. A later correction is a new version.

create table day_close (
  day       date        not null,
  version   integer     not null,
  closed_at timestamptz not null,
  hash      text        not null,
  report    json        not null,
  -- Serves: newestDayClose, and dayCloses of a range of days.
  constraint day_close_pk primary key (day, version),
  constraint day_close_version_positive check (version > 0),
  constraint day_close_hash_sha256 check (hash ~ '^[0-9a-f]{64}$')
);
