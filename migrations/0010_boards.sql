-- Composed boards as versions, and the links by which a screen may watch one. Secrets are kept as SHA-256 only.

create table board_version (
  board_id   text        not null,
  version    integer     not null,
  changed_at timestamptz not null,
  changed_by text        not null,
  -- Null: deleted.
  body       json,
  -- Serves: the newest version of every board, and the history of one.
  constraint board_version_pk primary key (board_id, version),
  constraint board_version_positive check (version > 0)
);

create table board_link (
  id           text        not null,
  board_id     text        not null,
  label        text        not null,
  secret_hash  text        not null,
  created_at   timestamptz not null,
  created_by   text        not null,
  opened_at    timestamptz,
  -- Of the one screen that opened it.
  session_hash text,
  last_used_at timestamptz,
  constraint board_link_pk primary key (id),
  -- Serves: open.
  constraint board_link_secret_once unique (secret_hash),
  -- Serves: bySession, at every request of a screen.
  constraint board_link_session_once unique (session_hash),
  constraint board_link_opened_with_session check ((opened_at is null) = (session_hash is null))
);
-- Serves: ofBoard.
create index board_link_by_board on board_link (board_id);
