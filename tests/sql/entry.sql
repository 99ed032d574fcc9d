-- How people come in: sessions beside API tokens, step-up, the chain of audit events.
begin;
\ir lib/books.psql
select plan(22);
-- A user of an organisation with one role and a session: the hash of its secret.
create function pg_temp.user(p_name text, p_org int8, p_role text, p_now timestamptz default '2026-11-22 08:00+07') returns bytea language plpgsql as $$
declare
    v_id constant int8 := (select coalesce(max(user_id), 0) + 1 from khop.app_user);
begin
    insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at) values (v_id, p_name, initcap(p_name), 'none', 1, p_now, p_now);
    insert into khop.membership (user_id, org_id, role, created_at, created_by) values (v_id, p_org, p_role, p_now, v_id);
    insert into khop.session (session_id, session_hash, user_id, stage, org_id, bucket, role, scopes, idle_s, created_at, seen_at, expires_at, fresh_at)
    select v_id, sha256(convert_to(p_name, 'UTF8')), v_id, 2, p_org, o.bucket, p_role, khop.role_scopes(p_role), 900, p_now, p_now, p_now + interval '12 hours', p_now
      from khop.org o where o.org_id = p_org;
    return sha256(convert_to(p_name, 'UTF8'));
end $$;
select pg_temp.user('ketoan', 100, 'accountant') as ketoan, pg_temp.user('hieutruong', 200, 'principal') as hieutruong, pg_temp.user('ban', 100, 'vendor') as ban \gset

-- Sessions log in as tokens do.
select is((select format('%s %s %s', rc, org_id, token_id) from khop.login(:'ketoan', '2026-11-22 08:01+07', 4)), '0 100 1', 'a session: who acts is the user');
select is(current_setting('khop.orgs'), '100', 'its organisation is open');
select is((select rc from khop.login(:'ketoan', '2026-11-22 08:01+07', 8 | 16))::int, -7, 'without the scope');
select is((select rc from khop.login(:'hieutruong', '2026-11-22 08:01+07', 16))::int, 0, 'another role has it');
select is((select format('%s %s', rc, charge_id) from khop.code_get(:'hieutruong', '2026-11-22 08:01+07', 1, null)), '-4 ', 'functions of the API take it');
select is((select rc from khop.account_list(:'ban', null, 10))::int, -6, 'not after it was idle for a quarter of an hour');
select is((select rc from khop.login(:'ketoan', '2026-11-22 08:14+07', 4))::int, 0, 'one that is used');
select is((select rc from khop.login(:'ketoan', '2026-11-22 08:28+07', 4))::int, 0, 'stays open');
select is((select rc from khop.login(:'ketoan', '2026-11-22 08:43+07', 4))::int, -6, 'until it is idle');
update khop.session set seen_at = '2026-11-22 19:59+07' where session_id = 1;
select is((select rc from khop.login(:'ketoan', '2026-11-22 19:59:30+07', 4))::int, 0, 'or twelve hours old');
select is((select rc from khop.login(:'ketoan', '2026-11-22 20:00+07', 4))::int, -6, 'and no longer');
update khop.session set stage = 1 where session_id = 2;
select is((select rc from khop.login(:'hieutruong', '2026-11-22 08:01+07', 16))::int, -6, 'without the second factor it opens nothing');
update khop.session set stage = 2, ended_at = '2026-11-22 08:00+07' where session_id = 2;
select is((select rc from khop.login(:'hieutruong', '2026-11-22 08:01+07', 16))::int, -6, 'nor when it has ended');

-- Step-up.
update khop.session set seen_at = '2026-11-22 08:04+07' where session_id = 1;
select is((select format('%s %s', rc, org_id) from khop.login_fresh(:'ketoan', '2026-11-22 08:04:59+07', 4)), '0 100', 'fresh for five minutes');
select is((select format('%s %s', rc, org_id) from khop.login_fresh(:'ketoan', '2026-11-22 08:05+07', 4)), '-14 ', 'then stale');
select is(current_setting('khop.orgs'), '', 'and nothing is open');
select is((select rc from khop.login_fresh(:'ketoan', '2026-11-22 08:05+07', 8))::int, -7, 'who may not is told that first');
select is((select rc from khop.login_fresh(t.token('A'), '2026-11-22 08:05+07', 8))::int, 0, 'API tokens are always fresh');

-- Who am I.
select is((select string_agg(format('%s %s %s %s %s', login, org_name, role, current, fresh), ', ') from khop.session_show(:'ketoan', '2026-11-22 08:03+07')), 'ketoan A accountant t t', 'who has signed in');
select is((select format('%s %s %s', rc, name, org_name) from khop.session_show(t.token('A'), '2026-11-22 08:03+07')), '0 test A', 'or whose token it is');

-- Audit events.
select khop.audit_add(:'ketoan', '2026-11-22 08:03+07', 'refund.request', 'cod_1', 'ok', '100000'), khop.audit_add(t.token('A'), '2026-11-22 08:04+07', 'day.close', '2026-11-21', 'ok', null),
    khop.audit_add(t.token('B'), '2026-11-22 08:04+07', 'day.close', '2026-11-21', 'ok', null) \g /dev/null
select is((select string_agg(format('%s %s %s %s', org_id, seq, actor, action), ', ' order by org_id, seq) from khop.audit_event where action in ('refund.request', 'day.close', 'access')),
    '100 3 1 access, 100 4 1 access, 100 5 1 refund.request, 100 6 101 day.close, 200 2 201 day.close', 'each organisation has its own; a person who was refused stands there, too');
select is_empty($$ select * from (select e.*, lag(hash, 1, decode(repeat('00', 32), 'hex')) over (partition by bucket, org_id order by seq) as before from khop.audit_event e) e
    where hash <> khop.audit_link(before, bucket, org_id, seq, at, actor, session8, ip, req, action, object, result, detail) $$, 'a chain');
select * from finish();
rollback;
