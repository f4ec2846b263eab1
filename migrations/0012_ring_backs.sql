-- Callers who gave up: who was rung back, who may see whole numbers, and how many were shown to whom. Rows are added, never changed.

create table ring_back (
  contact_id text        not null,
  version    integer     not null,
  changed_at timestamptz not null,
  changed_by text        not null,
  -- false: the mark was taken back
  rung       boolean     not null,
  -- Serves: the newest mark of each of some contacts.
  constraint ring_back_pk primary key (contact_id, version),
  constraint ring_back_version_positive check (version > 0)
);

-- No reference to the account: who was allowed what stays known after the account is gone.
create table number_right (
  user_id    text        not null,
  version    integer     not null,
  changed_at timestamptz not null,
  changed_by text        not null,
  allowed    boolean     not null,
  -- Serves: the newest version of every account.
  constraint number_right_pk primary key (user_id, version),
  constraint number_right_version_positive check (version > 0)
);

-- Never the numbers themselves.
create table number_view (
  view_id   bigint generated always as identity,
  viewed_at timestamptz not null,
  user_id   text        not null,
  user_name text        not null,
  numbers   integer     not null,
  constraint number_view_pk primary key (view_id),
  constraint number_view_some check (numbers > 0)
);
-- Serves: how many numbers somebody was shown lately.
create index number_view_by_user on number_view (user_id, viewed_at);
