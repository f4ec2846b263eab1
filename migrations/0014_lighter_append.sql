-- What an append writes of the times of its events: one row a day of receipt, instead of two index entries an event.

-- Served only timeRange, since folds read pages.
drop index event_contact_by_time;
drop index event_agent_by_time;

-- Goes with its day.
create table ledger_day (
  day               date        not null,
  -- Of the events of contacts and agents that were received on that day.
  first_occurred_at timestamptz not null,
  last_occurred_at  timestamptz not null,
  -- Serves: append, which widens the range of its day. timeRange reads all rows, one a day.
  constraint ledger_day_pk primary key (day),
  constraint ledger_day_range check (first_occurred_at <= last_occurred_at)
);

insert into ledger_day (day, first_occurred_at, last_occurred_at)
select (received_at at time zone 'UTC')::date, min(occurred_at), max(occurred_at)
from event where is_agent_event or contact_id is not null
group by 1;
