-- The landing page: each role gets the tiles of its work, counted right, and a full book costs no more than an empty one.
begin;
\ir lib/books.psql
select plan(7);

create function t.s(id int8, role text) returns bytea language plpgsql as $$
declare v_hash constant bytea := sha256(convert_to('session ' || id, 'UTF8'));
begin
    insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at) values (id, 'u' || id, 'Người ' || id, '-', 0, '2026-11-01', '2026-11-01');
    insert into khop.membership (user_id, org_id, role, created_at, created_by) values (id, 100, role, '2026-11-01', id);
    insert into khop.session (session_id, session_hash, user_id, stage, org_id, bucket, role, scopes, idle_s, created_at, seen_at, expires_at, fresh_at)
    values (id, v_hash, id, 2, 100, 0, role, khop.role_scopes(role), 86400 * 365, '2026-11-22', '2026-11-22', '2027-11-22', '2026-11-22');
    return v_hash;
end $$;
create function t.tiles(p_token bytea) returns text language sql as
$$ select string_agg(concat_ws(' ', tile, n, amount), ', ') from khop.desk_home(p_token, '2026-11-22 10:00+07') $$;
create function pg_temp.read() returns int8 language sql volatile as $$
    select sum(pg_stat_get_xact_tuples_returned(c.oid))::int8 from pg_class c where c.relnamespace = 'khop'::regnamespace and c.relkind in ('r', 'i') $$;
create function pg_temp.cost(p_token bytea) returns int8 language plpgsql as $$
declare v_before constant int8 := pg_temp.read();
begin
    perform * from khop.desk_home(p_token, '2026-11-22 10:00+07');
    return pg_temp.read() - v_before;
end $$;
select t.s(1, 'administrator'), t.s(2, 'accountant'), t.s(3, 'principal'), t.s(4, 'auditor'), t.s(5, 'vendor') \g /dev/null
create function t.h(id int8) returns bytea language sql as $$ select sha256(convert_to('session ' || id, 'UTF8')) $$;

select pg_temp.cost(t.h(2)) \g /dev/null
select t.issue('A', 1001, 'B', g, 1000) from generate_series(1, 300) g \g /dev/null
select * from t.settle('2026-11-21 09:00+07', (select jsonb_agg(jsonb_build_object('ext', 'x' || g, 'amount', 1000, 'codes', jsonb_build_array(jsonb_build_array('B', g)))) from generate_series(1, 250) g)) \g /dev/null
select * from t.settle('2026-11-22 09:00+07', (select jsonb_agg(jsonb_build_object('ext', 'y' || g, 'amount', 1000, 'codes', jsonb_build_array(jsonb_build_array('B', g)))) from generate_series(251, 260) g)) \g /dev/null
select * from t.settle('2026-11-22 09:00+07', '[{"ext":"z1","amount":7},{"ext":"z2","amount":8}]') \g /dev/null
select is(t.tiles(t.h(2)), 'money_in 12 10015, exceptions 2 15, close', 'the accountant: money of today, open exceptions, the close');
select is(t.tiles(t.h(3)), 'money_in 12 10015, exceptions 2 15, close', 'the principal');
select is(t.tiles(t.h(4)), 'money_in 12 10015, exceptions 2 15', 'the auditor');
select is(t.tiles(t.h(1)), 'accounts 2', 'the administrator: accounts that nobody tells about');
select is(t.tiles(t.h(5)), null, 'a seller without a stall');
select is(t.tiles(sha256('nobody')), '', 'nobody: a refusal');
select cmp_ok(pg_temp.cost(t.h(2)), '<=', 60::int8, 'read by key');
select * from finish();
rollback;
