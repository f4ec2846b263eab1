-- What the figures of an interval were when it became final: whatever comes while no server runs makes a revision of it.

create table settled_interval (
  queue_id  text        not null,
  starts_at timestamptz not null,
  ends_at   timestamptz not null,
  -- A digest of every sum; null while a contact of the interval still goes on.
  sums      text,
  -- Serves: the intervals of the last days, at the start of the server; those before, to let them go.
  constraint settled_interval_pk primary key (starts_at, queue_id),
  constraint settled_interval_lasts check (ends_at > starts_at)
);

create table settled_until (
  -- One row.
  only_row boolean     not null default true,
  -- Up to here every source has told of everything: an interval without a contact is final too.
  told_to  timestamptz not null,
  constraint settled_until_pk primary key (only_row),
  constraint settled_until_one check (only_row)
);
