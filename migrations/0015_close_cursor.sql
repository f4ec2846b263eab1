-- Up to which event late ones have been looked at for days that are closed already: a server that was killed goes on from there.

create table close_cursor (
  -- One row.
  only_row   boolean not null default true,
  ingest_seq bigint  not null,
  constraint close_cursor_pk primary key (only_row),
  constraint close_cursor_one check (only_row),
  constraint close_cursor_not_negative check (ingest_seq >= 0)
);
