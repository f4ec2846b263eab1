-- Accounts and what proves who is asking. Secrets are kept as SHA-256 only.

create table user_account (
  id         text        not null,
  name       text        not null,
  role       text        not null,
  client_id  text,
  created_at timestamptz not null,
  constraint user_account_pk primary key (id),
  constraint user_account_role_known check (role in ('administrator', 'director', 'supervisor', 'client')),
  constraint user_account_client_named check (role <> 'client' or client_id is not null)
);

create table sign_in_link (
  secret_hash text        not null,
  user_id     text        not null,
  expires_at  timestamptz not null,
  constraint sign_in_link_pk primary key (secret_hash),
  constraint sign_in_link_of_user foreign key (user_id) references user_account (id) on delete cascade
);
-- Serves: removeUser, which takes the links along.
create index sign_in_link_by_user on sign_in_link (user_id);

create table session (
  secret_hash text        not null,
  user_id     text        not null,
  expires_at  timestamptz not null,
  constraint session_pk primary key (secret_hash),
  constraint session_of_user foreign key (user_id) references user_account (id) on delete cascade
);
-- Serves: removeUser, which takes the sessions along.
create index session_by_user on session (user_id);

create table api_token (
  id           text        not null,
  name         text        not null,
  role         text        not null,
  secret_hash  text        not null,
  created_at   timestamptz not null,
  last_used_at timestamptz,
  constraint api_token_pk primary key (id),
  -- Serves: findToken.
  constraint api_token_secret_once unique (secret_hash),
  constraint api_token_role_known check (role in ('ingest', 'read'))
);
