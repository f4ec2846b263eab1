/** The schema as text from the catalogue of a database: the same on each PostgreSQL version, so no NOT NULL constraints by name. */
import { sql } from 'kysely'
import type { Database } from '../../server/db/open-database.ts'

export async function dumpSchema({ kysely }: Database): Promise<string> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select c.relname as name,
      'create table ' || c.relname || E' (\n' || concat_ws(E',\n',
        (select string_agg('  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
            || case when a.attnotnull then ' not null' else '' end
            || case when a.attidentity = 'a' then ' generated always as identity' else '' end
            || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''), E',\n' order by a.attnum)
          from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
        (select string_agg('  constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid), E',\n' order by k.conname)
          from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n')) || E'\n);\n'
      || coalesce((select string_agg(pg_get_indexdef(i.indexrelid) || E';\n', '' order by pg_get_indexdef(i.indexrelid))
          from pg_index i
          where i.indrelid = c.oid and not exists (select from pg_constraint k where k.conindid = i.indexrelid)), '')
        as definition
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    order by c.relname collate "C"`.execute(kysely)
  const head =
    '-- The schema after all migrations, dumped by test/database/schema.pg.test.ts (vitest -u writes it). Not run by anything.\n'
  return `${head}\n${rows.map((row) => row.definition).join('\n')}`
}
