-- put
insert into board_version (board_id, version, changed_at, changed_by, body)
  select $1::text, $2::int + 1, to_timestamp($3::float8 / 1000), $4::text, $5::json
  where $6::int = coalesce((select max(version) from board_version where board_id = $7), 0)
  on conflict do nothing
  returning *;

-- current
select distinct on ("board_id") * from "board_version" order by "board_id", "version" desc;

-- history
select * from "board_version" where "board_id" = $1 order by "version";

-- links: add
insert into "board_link" ("id", "board_id", "label", "secret_hash", "created_at", "created_by") values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000), $6);

-- links: ofBoard
select * from "board_link" where "board_id" = $1 order by "created_at", "id";

-- links: open
update "board_link" set "session_hash" = $1, "opened_at" = to_timestamp($2::float8 / 1000), "last_used_at" = to_timestamp($3::float8 / 1000) where "secret_hash" = $4 and "session_hash" is null returning *;

-- links: bySecret
select * from "board_link" where "secret_hash" = $1;

-- links: bySession
select * from "board_link" where "session_hash" = $1;

-- links: touch
update "board_link" set "last_used_at" = to_timestamp($1::float8 / 1000) where "id" = $2;

-- links: remove
delete from "board_link" where "id" = $1;
