-- A walk over every function that takes a token and that khop_serve may call (security.md §5): a scope that it does not ask for gets
-- -7 and nothing else; who is of another organisation sees and changes nothing, whatever ids he knows.
-- Who writes such a function puts it into `expected` with the scopes of which any one is enough (login.sql says the bits; of a
-- function whose scopes depend on what it is asked, those that all its other arguments NULL need). 0: it takes sessions alone
-- (oneself), NULL: its p_token is no token of somebody (a public page).
begin;
\ir lib/books.psql
select plan(5);
create temp table expected (name text primary key, scopes int4);
\ir lib/scopes.psql
create temp view fn as
select p.oid, p.proname as name, p.proargnames[1:p.pronargs] as args, p.proargtypes::oid[] as types
  from pg_proc p
 where p.pronamespace = 'khop'::regnamespace and has_function_privilege('khop_serve', p.oid, 'execute') and 'p_token' = any (p.proargnames[1:p.pronargs]);

select set_eq('select name from fn', 'select name from expected', 'every function that takes a token is in tests/sql/lib/scopes.psql');

-- A world of A to look for, with names that nobody else has.
select count(t.issue('A', 1001, 'B', g, 1000)), count(t.issue('B', 1003, 'B', 100 + g, 1000)) from generate_series(1, 4) g \g /dev/null
select t.settle('2026-11-22', '[{"ext":"1","amount":1000,"codes":[["B",1]]},{"ext":"2","amount":7},{"ext":"3","amount":600,"codes":[["B",2]]}]') \g /dev/null
select khop.connection_create(t.token('A'), '2026-11-22', 11, substr(sha256('h1'), 1, 16), 1001, 1::int2, 2::int2, 'sealed', 21) \g /dev/null
select khop.user_create('2026-11-22', 55, 'nguoi.a', 'Lò Văn A', 'phc', 1::int2, 100, 'administrator'), khop.user_create('2026-11-22', 56, 'nguoi.b', 'B', 'phc', 1::int2, 200, 'administrator') \g /dev/null
select khop.invite(t.token('A'), '2026-11-22', 57, sha256('invitation'), 'moi.a', 'Lò Văn A', 'vendor', null) \g /dev/null
insert into khop.payer (bucket, payer_id, org_id, ref, name, class, created_at, changed_at) values (0, 58, 100, 'HS1', 'Lò Văn A', '1A', '2026-11-22', '2026-11-22');
insert into khop.session (session_id, session_hash, user_id, stage, org_id, bucket, role, scopes, idle_s, created_at, seen_at, expires_at, fresh_at)
values (59, sha256('session a'), 55, 2, 100, 0, 'administrator', 9, 900, '2026-11-22 08:00', '2026-11-22 08:00', '2026-11-22 20:00', '2026-11-22 08:00'),
       (60, sha256('session b'), 56, 2, 200, 0, 'administrator', 511, 900, '2026-11-22 08:00', '2026-11-22 08:00', '2026-11-22 20:00', '2026-11-22 08:00');
create function pg_temp.scoped(p_scopes int4) returns bytea language sql as $$
    select sha256(convert_to('scope ' || p_scopes, 'UTF8')) from khop.token_create('2026-11-01', 9000 + p_scopes, 100, sha256(convert_to('scope ' || p_scopes, 'UTF8')), p_scopes, 'test', '2036-01-01') $$;
select count(pg_temp.scoped(1 << g)) from generate_series(0, 8) g \g /dev/null

-- What a function answers: its rc, or 0 where it goes on to look at arguments that are not there.
create function pg_temp.rc(p_fn fn, p_token bytea) returns int4 language plpgsql as $$
declare
    v_rc int4;
    v_args constant text := (select string_agg(case a when 'p_token' then '$1' when 'p_now' then '''2026-11-22 08:01''::timestamptz' else 'null::' || t::regtype end, ', ' order by o)
        from unnest(p_fn.args, p_fn.types) with ordinality x (a, t, o));
begin
    execute format('select x.rc from khop.%I(%s) x limit 1', p_fn.name, v_args) into v_rc using p_token;
    return coalesce(v_rc, 0);
exception when others then
    return 0;
end $$;
select set_eq(
    $$ select format('%s %s', e.name, e.scopes) from expected e where e.scopes > 0 $$,
    $$ select format('%s %s', fn.name, sum(case when pg_temp.rc(fn, sha256(convert_to('scope ' || (1 << g), 'UTF8'))) in (-6, -7) then 0 else 1 << g end))
         from fn join expected e on e.name = fn.name, generate_series(0, 8) g where e.scopes > 0 group by fn.name $$, 'each asks for its scopes, and for nothing less');
select is_empty($$ select fn.name, pg_temp.rc(fn, sha256('nobody')) from fn join expected e on e.name = fn.name where e.scopes is not null and pg_temp.rc(fn, sha256('nobody')) <> -6
    and fn.name not in ('sign_out', 'invitation_accept') $$, 'and a token of nobody gets nowhere');

-- What the organisation A has, all of it.
create function pg_temp.digest() returns text language plpgsql as $$
declare
    v_table text;
    v_one text;
    v_all text := '';
begin
    for v_table in select c.oid::regclass::text from pg_class c where c.relnamespace = 'khop'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
                     and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id') order by 1 loop
        execute format('select coalesce(md5(string_agg(x::text, ''|'' order by x::text)), '''') from %s x where x.org_id = 100', v_table) into v_one;
        v_all := v_all || v_table || v_one;
    end loop;
    return v_all || (select coalesce(md5(string_agg(u::text, '|' order by u::text)), '') from khop.app_user u where u.user_id = 55);
end $$;
-- Ids that A knows: every number of a key of its rows.
create function pg_temp.ids() returns setof int8 language plpgsql as $$
declare
    v_column record;
begin
    for v_column in select c.oid::regclass as name, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.atttypid = 'int8'::regtype and a.attnum > 0 and a.attname ~ '_id$'
                     where c.relnamespace = 'khop'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
                       and exists (select 1 from pg_attribute o where o.attrelid = c.oid and o.attname = 'org_id') loop
        return query execute format('select x.%I from %s x where x.org_id = 100 and x.%1$I is not null limit 3', v_column.attname, v_column.name);
    end loop;
end $$;
-- Calls a function as somebody of B with an id of A wherever a number goes: what it says.
create function pg_temp.said(p_fn fn, p_token bytea, p_id int8) returns text language plpgsql as $$
declare
    v_said text;
    v_args constant text := (select string_agg(case when a = 'p_token' then '$1' when a = 'p_now' then '''2026-11-22 08:01''::timestamptz' when a ~ 'limit' then '5'
            when t = 'int8'::regtype and a !~ 'random' then '$2' when t in ('int4'::regtype, 'int2'::regtype, 'int8'::regtype) then '1::' || t::regtype
            when t = 'text'::regtype then '''x''' when t = 'bool'::regtype then 'true' when t = 'date'::regtype then '''2026-11-22''::date'
            when t = 'bytea'::regtype then 'sha256(''x'')' when t = 'int8[]'::regtype then 'array[$2]' else 'null::' || t::regtype end, ', ' order by o)
        from unnest(p_fn.args, p_fn.types) with ordinality x (a, t, o));
begin
    execute format('select string_agg(x::text, '' '') from khop.%I(%s) x where $2 is not null', p_fn.name, v_args) into v_said using p_token, p_id;
    return v_said;
exception when others then
    return null;
end $$;
create temp table found (name text, id int8, said text);
do $$
declare
    v_fn fn;
    v_before text := pg_temp.digest();
    v_after text;
    v_token bytea;
begin
    for v_fn in select f.* from fn f join expected e on e.name = f.name and e.scopes is not null order by f.name loop
        foreach v_token in array array[t.token('B'), sha256('session b')] loop
            insert into found select v_fn.name, i.id, s.said from (select distinct x from pg_temp.ids() x) i (id), lateral pg_temp.said(v_fn, v_token, i.id) s (said)
             where s.said ~ 'Lò Văn A|HS1|nguoi\.a|moi\.a';
        end loop;
        v_after := pg_temp.digest();
        if v_after <> v_before then
            insert into found values (v_fn.name, null, 'something of another organisation has changed');
            v_before := v_after;
        end if;
    end loop;
end $$;
select cmp_ok((select count(distinct x)::int from pg_temp.ids() x), '>', 15, 'the walk has ids to try');
select is_empty('select name, id, said from found', 'nobody sees or changes what is of another organisation');
select * from finish();
rollback;
