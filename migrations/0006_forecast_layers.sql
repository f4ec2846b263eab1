-- What a forecast was made from, the manual edits that lie over it, one-off marks, and the comparisons of methods.

alter table forecast_day
  add column intraday       boolean not null default false,
  -- Null in rows from before this column.
  add column aht_seconds_sd double precision[],
  add column inputs         json;
update forecast_day set intraday = true where method like '%+intraday';

create table forecast_edit (
  edit_seq              bigint generated always as identity,
  queue_id              text               not null,
  author                text               not null,
  created_at            timestamptz        not null,
  reason                text               not null,
  measure               text               not null,
  operation             text               not null,
  from_day              date               not null,
  to_day                date               not null,
  from_minute           integer            not null,
  to_minute             integer            not null,
  -- 0 = Monday; null = every weekday.
  weekdays              double precision[],
  -- Null for cells.
  amount                double precision,
  spread                text               not null,
  interval_minutes      integer            not null,
  -- Only for cells: starts of intervals in epoch milliseconds, and what each becomes.
  cell_starts_epoch_ms  double precision[],
  cell_values           double precision[],
  removed_at            timestamptz,
  removed_by            text,
  constraint forecast_edit_pk primary key (edit_seq),
  constraint forecast_edit_measure_known check (measure in ('contacts', 'aht')),
  constraint forecast_edit_operation_known
    check (operation in ('set', 'add', 'percent', 'min', 'max', 'smooth', 'cells')),
  constraint forecast_edit_spread_known check (spread in ('each', 'shape')),
  constraint forecast_edit_days_ordered check (from_day <= to_day),
  constraint forecast_edit_minutes_ordered check (0 <= from_minute and from_minute < to_minute and to_minute <= 1440),
  constraint forecast_edit_removed_whole check ((removed_at is null) = (removed_by is null))
);
-- Serves: forecastEdits, the edits of a queue that touch a span of days.
create index forecast_edit_by_queue on forecast_edit (queue_id, from_day, to_day);

create table one_off_mark (
  mark_seq    bigint generated always as identity,
  queue_id    text        not null,
  day         date        not null,
  from_minute integer     not null,
  to_minute   integer     not null,
  reason      text        not null,
  author      text        not null,
  created_at  timestamptz not null,
  removed_at  timestamptz,
  removed_by  text,
  constraint one_off_mark_pk primary key (mark_seq),
  constraint one_off_mark_minutes_ordered check (0 <= from_minute and from_minute < to_minute and to_minute <= 1440),
  constraint one_off_mark_removed_whole check ((removed_at is null) = (removed_by is null))
);
-- Serves: oneOffs of a queue over a span of days.
create index one_off_mark_by_queue on one_off_mark (queue_id, day);

create table method_comparison (
  comparison_seq bigint generated always as identity,
  queue_id       text        not null,
  compared_at    timestamptz not null,
  end_day        date        not null,
  lead_days      integer     not null,
  origins        integer     not null,
  -- Null: the history was too short to tell.
  pick           text,
  scores         json        not null,
  constraint method_comparison_pk primary key (comparison_seq)
);
-- Serves: newestComparison of a queue.
create index method_comparison_by_queue on method_comparison (queue_id, comparison_seq);
