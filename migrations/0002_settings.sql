-- Everything that an administrator sets, as versions that are never overwritten.

create table setting_version (
  kind       text        not null,
  id         text        not null,
  version    integer     not null,
  changed_at timestamptz not null,
  changed_by text        not null,
  -- Null: the thing was removed.
  body       json,
  -- Serves: current (newest version of each thing) and history of one thing.
  constraint setting_version_pk primary key (kind, id, version),
  constraint setting_version_positive check (version > 0)
);
