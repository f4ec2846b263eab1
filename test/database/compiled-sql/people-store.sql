-- createUser
insert into "user_account" ("id", "name", "role", "client_id", "created_at") values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000));

-- users
select * from "user_account" order by "created_at", "id";

-- createSignInLink
insert into "sign_in_link" ("secret_hash", "user_id", "expires_at") values ($1, $2, to_timestamp($3::float8 / 1000));

-- takeSignInLink
delete from "sign_in_link" where "secret_hash" = $1 returning "user_id", "expires_at";
delete from "sign_in_link" where "expires_at" <= to_timestamp($1::float8 / 1000);
delete from "session" where "expires_at" <= to_timestamp($1::float8 / 1000);
select * from "user_account" where "id" = $1;

-- createSession
insert into "session" ("secret_hash", "user_id", "expires_at") values ($1, $2, to_timestamp($3::float8 / 1000));

-- sessionUser
select "user_account"."id", "user_account"."name", "user_account"."role", "user_account"."client_id", "user_account"."created_at" from "session" inner join "user_account" on "user_account"."id" = "session"."user_id" where "session"."secret_hash" = $1 and "session"."expires_at" > to_timestamp($2::float8 / 1000);

-- removeSession
delete from "session" where "secret_hash" = $1;

-- createToken
insert into "api_token" ("id", "name", "role", "secret_hash", "created_at", "last_used_at") values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000), null::timestamptz);

-- findToken
select * from "api_token" where "secret_hash" = $1;

-- tokens
select * from "api_token" order by "created_at", "id";

-- touchToken
update "api_token" set "last_used_at" = to_timestamp($1::float8 / 1000) where "id" = $2;

-- removeToken
delete from "api_token" where "id" = $1;

-- removeUser
delete from "user_account" where "id" = $1;
