-- What the calls read, counted, on tables that nobody has analysed and that were empty when the plans were made: rows read in scans of tables
-- and entries read in indexes. A look-up reads what it returns; a plan that scans reads what is stored, and is found here.
--
-- With -v rows=N (on a database that is thrown away; `run` does it with few and with many) another organisation of the bucket first has N codes,
-- half of them paid, all of that is committed and analysed, and only then plans are made: what is read must be the same without statistics, with
-- those of small tables, and with those of large ones that soon are wrong.
begin;
\ir lib/books.psql
\if :{?rows}
select count(t.issue('B', 1003, 'C', g, 1000)) from generate_series(1, :rows) g \g /dev/null
select count(s) from generate_series(1, :rows / 2, 100) g, lateral (select jsonb_agg(jsonb_build_object('ext', 'w' || n, 'account', 1003, 'amount', 1000,
    'codes', jsonb_build_array(jsonb_build_array('C', n)))) as events from generate_series(g, least(g + 99, :rows / 2)) n) e,
    lateral t.settle('2026-11-21 09:00+07', e.events) s \g /dev/null
select count(t.payer('B', 100000 + g, 'H' || g / 2)) from generate_series(1, :rows) g \g /dev/null
commit;
analyze;
begin;
\endif
select plan(65);

create function pg_temp.read() returns int8 language sql volatile as $$
    select sum(pg_stat_get_xact_tuples_returned(c.oid))::int8 from pg_class c where c.relnamespace = 'khop'::regnamespace and c.relkind in ('r', 'i') $$;
-- How many rows and entries a query reads.
create function pg_temp.cost(p_query text) returns int8 language plpgsql as $$
declare
    v_before constant int8 := pg_temp.read();
begin
    execute p_query;
    return pg_temp.read() - v_before;
end $$;
-- Settles p_n charges from number p_from on, ids with a prefix; how 1 takes the short way, 2 (a joined code) the general one.
create function pg_temp.settle(p_prefix text, p_from int4, p_n int4, p_how int4) returns int8 language plpgsql as $$
declare
    v_before constant int8 := pg_temp.read();
    v_events jsonb;
begin
    select jsonb_agg(jsonb_build_object('ext', p_prefix || g, 'amount', 1000, 'codes', jsonb_build_array(jsonb_build_array('B', g, p_how)))) into v_events
      from generate_series(p_from, p_from + p_n - 1) g;
    perform t.settle('2026-11-22 09:00+07', v_events);
    return pg_temp.read() - v_before;
end $$;

-- The first calls, before anything is there: their plans stay with the session.
select t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1001, 'B', 2, 1000) \g /dev/null
select pg_temp.settle('a', 1, 1, 1), pg_temp.settle('a', 2, 1, 2), pg_temp.settle('a', 1, 2, 1) \g /dev/null
-- A code for a payer who is on the list, and for one who is not.
create function pg_temp.bill() returns void language sql as $$
    select khop.code_issue(t.token('A'), '2026-11-22 10:00+07', sha256(convert_to('bill' || n, 'UTF8')), sha256('r'), 20000 + n, substr(sha256(convert_to('bill' || n, 'UTF8')), 1, 16),
           1001, 'B', array[t.code('B', n::int4)], 10, 'sach', ref, null, null, null, null, null, null)
      from (select nextval('t.id') as n, ref from (values ('HS-502'), ('of nobody')) v (ref)) x
$$;
-- Three at a time, with references, by numbers of which the last is taken.
create function pg_temp.bills() returns int8 language sql as $$
    select count(c)
      from (select array_agg(t.token('B')) as token, array_agg(timestamptz '2026-11-22 10:00+07') as now, array_agg(sha256(convert_to('bills' || n, 'UTF8'))) as key,
                   array_agg(sha256('r')) as request, array_agg(40000 + n) as random, array_agg(substr(sha256(convert_to('bills' || n, 'UTF8')), 1, 16)) as pay_token,
                   array_agg(1003::int8) as account, array_agg('B'::text) as kind, array_agg(case place when 3 then t.code('B', 1) else t.code('B', n::int4) end) as code,
                   array_agg(10::int8) as amount, array_agg('sach'::text) as label, array_agg('of nobody ' || n) as ref, array_agg(null::text) as nothing,
                   array_agg(null::date) as due, array_agg(null::timestamptz) as expires
              from (select nextval('t.id') as n, place from generate_series(1, 3) place) x) a,
           lateral khop.codes_issue(a.token, a.now, a.key, a.request, a.random, a.pay_token, a.account, a.kind, a.code, a.amount, a.label, a.ref, a.nothing, a.nothing, a.due, a.expires) c $$;
create temp table call (name text, query text, most int8);
insert into call values
    ('code_get by id', $$ select * from khop.code_get(t.token('A'), '2026-11-22', t.code('B', 2), null) $$, 20),
    ('code_get by number', $$ select * from khop.code_get(t.token('A'), '2026-11-22', null, t.code('B', 2)) $$, 20),
    ('code_get of a payer', $$ select * from khop.code_get(t.token('A'), '2026-11-22', t.code('B', 9005), null) $$, 40),
    ('code_issue for a payer', $$ select pg_temp.bill() $$, 190),
    ('codes_drawn, one of them taken', $$ select khop.codes_drawn(0, array[t.code('B', 1), t.code('B', 900001), t.code('B', 900002)], 1, 1) $$, 10),
    ('codes_issue of three', $$ select pg_temp.bills() $$, 60),
    ('code_list', $$ select * from khop.code_list(t.token('A'), '2026-11-22', null, null, null, null, 5) $$, 80),
    ('pay_pages, one', $$ select * from khop.pay_pages('{0}', array[substr(sha256(convert_to('pageB2', 'UTF8')), 1, 16)]) $$, 25),
    ('pay_pages, thirty', $$ select * from khop.pay_pages((select array_agg(0) from generate_series(1, 30)),
        (select array_agg(substr(sha256(convert_to('pageB' || g, 'UTF8')), 1, 16)) from generate_series(1, 30) g)) $$, 600),
    ('charge_watch', $$ select * from khop.charge_watch(0, array[t.code('B', 1), t.code('B', 2)], '2026-11-22') $$, 20),
    ('rest_close', $$ select * from khop.rest_close('2026-11-22 10:00+07', 0, 6900, 10) $$, 50),
    ('receipt_get', $$ select * from khop.receipt_get(t.token('A'), (select min(event_id) + 1 from audit.bank_event where bucket = 0)) $$, null),
    ('receipt_list', $$ select * from khop.receipt_list(t.token('A'), null, 2026, 1, 5) $$, 60),
    ('receipt_public', null, 25),
    ('exception_list', $$ select * from khop.exception_list(t.token('A'), null, null, null, null, null, 5) $$, 20),
    ('report_show unpaid of a label', $$ select * from khop.report_show(t.token('A'), '2026-11-22', 'unpaid', '{"label":"one"}', 0, 0, 5) $$, 1020),
    ('report_show days', $$ select * from khop.report_show(t.token('A'), '2026-11-22', 'days', '{"from":"2026-11-01","to":"2026-11-30"}', 0, 0, 5) $$, 25),
    ('report_show journal', $$ select * from khop.report_show(t.token('A'), '2026-11-22', 'journal', '{}', 1890, 0, 5) $$, 90),
    ('report_show receipts', $$ select * from khop.report_show(t.token('A'), '2026-11-22', 'receipts', '{}', 2026, 1890, 5) $$, 200),
    ('report_show unpaid', $$ select * from khop.report_show(t.token('A'), '2026-11-22', 'unpaid', '{}', t.code('B', 1995), 0, 5) $$, 60),
    ('report_show paid, on after a payer', $$ select * from khop.report_show(t.token('A'), '2026-11-22', 'paid', '{}', t.code('B', 500), 0, 3) $$, 30),
    ('report_show unpaid of a class', $$ select * from khop.report_show(t.token('A'), '2026-11-22', 'unpaid', '{"class":"none"}', 0, 0, 5) $$, 9200),
    ('payer_list', $$ select * from khop.payer_list(t.token('A'), '2026-11-22', null, null, false, 500, 5) $$, 2040),
    ('report_show balances', $$ select * from khop.report_show(t.token('A'), '2026-11-22', 'balances', '{}', 0, 0, 5) $$, 20),
    ('report_organisations', $$ select * from khop.report_organisations('2026-11-01', '2026-11-30') $$, 20);
insert into call values
    ('session_show', $$ select * from khop.session_show(sha256('session 7'), '2026-11-22 08:01+07') $$, 20),
    ('code_get by a session', $$ select * from khop.code_get(sha256('session 7'), '2026-11-22 08:01+07', t.code('B', 2), null) $$, 25),
    ('sign_in_begin', $$ select * from khop.sign_in_begin('2026-11-22 08:01+07', 'user7', null, null) $$, 20),
    ('audit_list', $$ select * from khop.audit_list(t.token('A'), '2026-11-22', 900, null, 5) $$, 30);
-- Webhooks and what is delivered, payouts, statements, stalls, rounds. The pages are late ones: a list that goes on after a place begins there.
insert into call values
    ('delivery_claim', $$ select * from khop.delivery_claim('2026-11-23', 1, 5) $$, 40),
    ('delivery_report', $$ select * from khop.delivery_report(0, 71, 1::int2, 990, 1, '2026-11-23', 200, null, 5, 0) $$, 20),
    ('outbox_feed', $$ select * from khop.outbox_feed('2026-11-23', 5) $$, 90),
    ('webhook_list', $$ select * from khop.webhook_list(t.token('A'), '2026-11-22', null, 900, 5) $$, 40),
    ('delivery_list', $$ select * from khop.delivery_list(t.token('A'), '2026-11-22', 71, null, null, '2026-11-22 10:00+07', 1::int2, 900, 5) $$, 30),
    ('code_list, late', $$ select * from khop.code_list(t.token('A'), '2026-11-22', null, null, '2026-11-01 09:00+07', t.code('B', 1900), 5) $$, 80),
    ('receipt_list, late', $$ select * from khop.receipt_list(t.token('A'), null, 2026, 1890, 5) $$, 60),
    ('exception_list, late', $$ select * from khop.exception_list(t.token('A'), null, null, null, '2026-11-22 09:00+07', 5900, 5) $$, 25),
    ('statement_list', $$ select * from khop.statement_list(t.token('A'), '2026-11-22', null, '2026-11-22 09:00+07', 900, 5) $$, 25),
    ('stall_list', $$ select * from khop.stall_list(t.token('A'), '2026-11-22', 900, 5, false) $$, 60),
    ('stall_page', $$ select * from khop.stall_page(sha256('till'), '2026-11-22 10:00+07', 9999, null, 20) $$, 740),
    ('stall_asked', $$ select * from khop.stall_asked(sha256('till'), '2026-11-22 10:00+07', 9999, '{AAAAA,BBBBB}', '{1,2}', '{1,2}', '{false,true}') $$, 240),
    ('connection_list', $$ select * from khop.connection_list(t.token('A'), 90900, 5) $$, 30),
    ('payout_list', $$ select * from khop.payout_list(t.token('A'), '2026-11-22', null, null, 5) $$, 20),
    ('payout_list, late', $$ select * from khop.payout_list(t.token('A'), '2026-11-22', date '2026-01-01' - date '1970-01-01', 200, 5) $$, 20),
    ('payout_get', $$ select * from khop.payout_get(t.token('A'), '2026-11-22', 72) $$, 60),
    ('payout_rows', $$ select * from khop.payout_rows(0, 77, null, 3, 5) $$, 40),
    ('payout_unpaid', $$ select * from khop.payout_unpaid(0, 100, '2030-01-01') $$, 60),
    ('round_list', $$ select * from khop.round_list(t.token('A'), '2026-11-22', null, null, 5) $$, 20),
    ('round_list, late', $$ select * from khop.round_list(t.token('A'), '2026-11-22', (extract(epoch from timestamptz '2026-11-01') * 1000000)::int8, 20, 5) $$, 20),
    ('desk_home', $$ select * from khop.desk_home(t.token('A'), '2026-11-24') $$, 2050),
    ('reconciliation', $$ select * from khop.reconciliation(t.token('A'), '2026-11-22', 1001, '2026-11-24', null, 0, 5) $$, 60),
    ('day_accounts', $$ select * from khop.day_accounts(t.token('A'), '2026-11-22', '2026-11-24', 20) $$, 120);
select min(event_id) as first from khop.transfer where org_id = 100 \gset
select rid from khop.receipt where no = 1 and year = 2026 and org_id = 100 and bucket = 0 \gset
update call set query = format($$ select * from khop.receipt_public(0, %L) $$, :'rid'::bytea) where name = 'receipt_public';
update call set query = format($$ select * from khop.receipt_get(t.token('A'), %s) $$, :first + 1), most = 80 where name = 'receipt_get';
-- Six times: after five a plan is made for any parameter.
select sum(pg_temp.cost(query)) from call, generate_series(1, 6) \g /dev/null

-- Money of payers: what a rule looks up and carries out, and credit that is used.
create function pg_temp.allocate() returns int2 language plpgsql as $$
declare
    v_seen record;
    v_rc int2;
begin
    select n.exception_id, n.held, n.payer_id, array_agg(n.charge_no) as code, array_agg(n.rest) as rest into v_seen
      from khop.allocate_next() n group by n.exception_id, n.held, n.payer_id;
    select a.rc into v_rc from khop.allocate_apply('2026-11-22 10:00+07', 0, v_seen.exception_id, 'oldest_first', 1::int2, v_seen.held, v_seen.payer_id, v_seen.code, v_seen.rest, true, 0, null, null,
        v_seen.code[1:1], v_seen.rest[1:1], array[substr(sha256(convert_to('r' || nextval('t.id'), 'UTF8')), 1, 16)], v_seen.held - v_seen.rest[1], null) a;
    return v_rc;
end $$;
create function pg_temp.credit() returns int2 language sql as $$
    select khop.credit_use(0, 100, '2026-11-22 10:00+07', array[501, 502]);
$$;
select t.payer('A', 501, 'H'), t.payer('A', 502, 'H'), t.issue('A', 1001, 'B', 9001, 1000), t.issue('A', 1001, 'B', 9002, 1000), t.own('B', 9001, 501), t.own('B', 9002, 502) \g /dev/null
select t.outcomes('2026-11-22 09:00+07', '[{"ext":"p1","amount":1600,"codes":[["B",9001]]}]'), pg_temp.allocate(), t.issue('A', 1001, 'B', 9003, 300), t.own('B', 9003, 501), pg_temp.credit() \g /dev/null

select count(t.issue('A', 1001, 'B', g, 1000)) from generate_series(3, 2000) g \g /dev/null
insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at) select g, 'user' || g, 'U', 'phc', 1, '2026-11-01', '2026-11-01' from generate_series(1, 1000) g;
insert into khop.membership (user_id, org_id, role, created_at, created_by) select g, 100, 'accountant', '2026-11-01', g from generate_series(1, 1000) g;
insert into khop.session (session_id, session_hash, user_id, stage, org_id, bucket, role, scopes, idle_s, created_at, seen_at, expires_at, fresh_at)
select g, sha256(convert_to('session ' || g, 'UTF8')), g, 2, 100, 0, 'accountant', 7, 900, '2026-11-22 08:00+07', '2026-11-22 08:00+07', '2026-11-22 20:00+07', '2026-11-22 08:00+07'
  from generate_series(1, 1000) g;
select count(khop.audit_add(t.token('A'), '2026-11-22', 'test.event', g::text, 'ok', null)) from generate_series(1, 1000) g \g /dev/null
insert into khop.webhook (bucket, webhook_id, org_id, url, types, sealed, created_at, created_by, told_until, ended_at, ended_why)
select 0, g, 100, 'https://example.vn/' || g, '{code.paid}', '\x00', '2026-11-01', 7, '2026-11-01', case when g <> 71 then '2026-11-02'::timestamptz end, case when g <> 71 then 'removed' end
  from generate_series(1, 1000) g;
insert into khop.delivery (bucket, webhook_id, type, event_id, org_id, happened_at, state, next_at, worker)
select 0, w, 1, g, 100, '2026-11-22 10:00+07', case when g > 980 and w = 71 then 'pending' else 'delivered' end, '2026-11-22 10:00+07', 1 from generate_series(1, 1000) g, (values (71), (72)) w (w);
insert into khop.exception (bucket, exception_id, org_id, account_id, provider, direction, reason, notice_id, opened_at)
select 0, 5000 + g, 100, 1001, 1, 1, 'no_code', g, '2026-11-22 09:00+07' from generate_series(1, 1000) g;
insert into khop.exception (bucket, exception_id, org_id, account_id, provider, direction, reason, code_no, notice_id, opened_at)
select 0, 6500 + g, 100, 1001, 1, 1, 'short', t.code('B', 1990), g, '2026-11-22 09:00+07' from generate_series(1, 1000) g;
insert into khop.statement_file (bucket, file_id, org_id, account_id, hash, size, format, profile, covered_from, covered_to, covered_until, lines, new_lines, credit, debit, stored_at, stored_by, job_id)
select 0, g, 100, 1002, sha256(convert_to('f' || g, 'UTF8')), 1, 'csv', 'generic', '2026-10-01', '2026-10-01', '2026-10-02', 0, 0, 0, 0, '2026-11-22 09:00+07', 7, g from generate_series(1, 1000) g;
insert into khop.stall (bucket, stall_id, org_id, account_id, charge_id, name, created_at, created_by)
select 0, g, 100, 1001, (select charge_id from khop.charge where bucket = 0 and code_no = t.code('B', 3)), 'S' || g, '2026-11-01', 7 from generate_series(1, 1000) g;
insert into khop.connection (connection_id, hook, org_id, bucket, account_id, provider, mode, role, active, created_at)
select 90000 + g, substr(sha256(convert_to('h' || g, 'UTF8')), 1, 16), 100, 0, 1001, 1, 1, 1, false, '2026-11-01' from generate_series(1, 1000) g;
insert into khop.payout (bucket, payout_id, org_id, account_id, name, month, pay_by, state, lines, amount, created_at, created_by, changed_at, key_hash, request_hash)
select 0, g, 100, 1001, 'L' || g, date '2026-01-01' + g % 12 * interval '1 month', '2026-12-01', 'draft', 10, 10000, '2026-11-01', 7, '2026-11-01', sha256(convert_to('k' || g, 'UTF8')), '\x00' from generate_series(1, 300) g;
insert into khop.payout_line (bucket, payout_id, place, org_id, name, amount, bin, account_no, holder)
select 0, g, n, 100, 'N', 1000, '970436', '1', 'N' from generate_series(1, 300) g, generate_series(1, 10) n;
insert into khop.round (bucket, round_id, org_id, account_id, name, month, due_on, state, payers, charges, amount, created_at, created_by, changed_at)
select 0, g, 100, 1001, 'R' || g, '2026-11-01', '2026-12-01', 'draft', 0, 0, 0, '2026-11-01', 7, '2026-11-01' from generate_series(1, 300) g;
select sum(pg_temp.settle('b', 3 + 100 * g, 100, 1)) from generate_series(0, 16) g \g /dev/null

-- An event reads: its key (none), its code twice, and what the batch reads once for each organisation and account.
select cmp_ok(pg_temp.settle('c', 1703, 1, 1), '<=', 20::int8, 'settling one of 1,700');
select cmp_ok(pg_temp.settle('d', 1704, 100, 1), '<=', 260::int8, 'a hundred, the short way');
select cmp_ok(pg_temp.settle('e', 1804, 100, 2), '<=', 260::int8, 'a hundred, the general way');
select cmp_ok(pg_temp.settle('e', 1804, 100, 2), '<=', 560::int8, 'a hundred repeats');
select cmp_ok(pg_temp.settle('f', 1804, 100, 1), '<=', 460::int8, 'a hundred that have been paid');
select is((select count(*) from khop.receipt where org_id = 100)::int, 1904, 'all were settled');
-- A stall with a day of a hundred sales, asked for on its page.
select rc from khop.stall_create(t.token('A'), '2026-11-22', 9999, 9999, 9999, substr(sha256('stall'), 1, 16), array[t.code('C', 9999)], 'Sạp', null, '970436', '9999', 'HOANG THI HOA') \g /dev/null
select khop.token_create('2026-11-01', 777, 100, sha256('till'), 32, 'till', '2036-01-01'), khop.stall_assign(t.token('A'), '2026-11-22', 9999, 777) \g /dev/null
create function pg_temp.tag(n int4) returns text language sql as $$ select translate(lpad(n::text, 5, '2'), '01', 'AB') $$;
select rc from khop.stall_asked(sha256('till'), '2026-11-22 09:00+07', 9999, (select array_agg(pg_temp.tag(g)) from generate_series(1, 100) g), array_fill(1000::int8, '{100}'), array_fill(60, '{100}'),
    array_fill(false, '{100}')) \g /dev/null
select t.settle('2026-11-22 09:01+07', (select jsonb_agg(jsonb_build_object('ext', 'stall' || g, 'account', 9999, 'amount', 1000, 'memo', khop.code_text(t.code('C', 9999)) || ' ' || pg_temp.tag(g),
    'codes', jsonb_build_array(jsonb_build_array('C', 9999)))) from generate_series(1, 100) g)) \g /dev/null
select is((select count(p.tag) from khop.stall_page(sha256('till'), '2026-11-22 10:00+07', 9999, null, 20) p where p.seq is not null)::int, 20, 'all of them are known by their tags');
select t.payer('A', g, 'H' || g / 2) from generate_series(1000, 1999) g \g /dev/null
select t.own('B', g, g - 1 + 1000) from generate_series(3, 1000) g \g /dev/null
select t.issue('A', 1001, 'B', 9004, 1000), t.own('B', 9004, 501), t.outcomes('2026-11-22 09:00+07', '[{"ext":"p2","amount":1300,"codes":[["B",9004]]}]') \g /dev/null
select cmp_ok(pg_temp.cost('select pg_temp.allocate()'), '<=', 180::int8, 'money of a payer is placed');
select t.issue('A', 1001, 'B', 9005, 300), t.own('B', 9005, 501) \g /dev/null
select cmp_ok(pg_temp.cost('select pg_temp.credit()'), '<=', 120::int8, 'credit is used');
select is((select array_agg(m.action order by m.match_id) from khop.match m), '{allocate,credit_use,allocate,credit_use}', 'all of that was done');
update khop.charge set label = 'one' where bucket = 0 and charge_id = t.code('B', 1995) \g /dev/null
select cmp_ok(pg_temp.cost(query), '<=', most, name) from call where name not like 'report\_organisations' order by name;
select cmp_ok(pg_temp.cost(query), '<=', most, name) from call where name like 'report\_organisations';
select cmp_ok(pg_temp.cost('select * from khop.report_show(t.token(''A''), ''2026-11-22'', ''unpaid'', ''{}'', 0, 0, 1000)'), '>', 2000::int8, 'the counter sees what is read');
select is((select count(*) from khop.report_show(t.token('A'), '2026-11-22', 'unpaid', '{}', 0, 0, 1000) where what = 0)::int, 113, 'and nothing is missing');
select is((select receipt_id from khop.receipt_get(t.token('A'), :first + 1899)), :first + 1899::int8, 'an id is found by halves');
select * from finish();
rollback;
