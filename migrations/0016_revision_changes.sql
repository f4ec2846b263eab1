-- Every revision of an interval stays, with what it changed.

alter table interval_revision drop constraint interval_revision_pk;
alter table interval_revision
  -- {"offered": [before, after], …}: the sums that differ. Null: another release had written down what was before.
  add column changes json,
  -- Serves: revisions of a span of time, over all queues.
  add constraint interval_revision_pk primary key (starts_at, queue_id, revision);
