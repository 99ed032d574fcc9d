-- Stalls: who sells sees what came, from the day that is his; nobody else in the organisation does, whatever he may read.
begin;
\ir lib/books.psql
select plan(66);

-- A market with an administrator, an accountant and an auditor (all who read), two sellers and the token of a till.
create function t.user(id int8, role text) returns bytea language plpgsql as $$
declare v_hash constant bytea := sha256(convert_to('session ' || id, 'UTF8'));
begin
    insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at) values (id, 'u' || id, 'Người ' || id, '-', 0, '2026-11-01', '2026-11-01');
    insert into khop.membership (user_id, org_id, role, created_at, created_by) values (id, 100, role, '2026-11-01', id);
    insert into khop.session (session_id, session_hash, user_id, stage, org_id, bucket, role, scopes, idle_s, created_at, seen_at, expires_at, fresh_at)
    values (id, v_hash, id, 2, 100, 0, role, khop.role_scopes(role), 86400 * 365, '2026-11-22', '2026-11-22', '2027-11-22', '2026-11-22');
    return v_hash;
end $$;
create function t.s(id int8) returns bytea language sql as $$ select sha256(convert_to('session ' || id, 'UTF8')) $$;
select t.user(1, 'administrator'), t.user(2, 'accountant'), t.user(3, 'auditor'), t.user(4, 'principal'), t.user(11, 'vendor'), t.user(12, 'vendor') \g /dev/null
select khop.token_create('2026-11-01', 777, 100, sha256('till'), 32, 'till', '2036-01-01') \g /dev/null

create function t.stall(token bytea, random int8, no text, name text, at timestamptz default '2026-11-22 00:01+00') returns table (rc int2, id int8, what text, charge int8, code int4)
language sql as $$ select x.rc, x.stall_id, x.what, x.charge_id, x.code_no from khop.stall_create(token, at, random, random + 5000, t.code('C', random::int4),
    substr(sha256(convert_to('stall' || random, 'UTF8')), 1, 16), array[t.code('C', random::int4)], name, 'Dãy A', '970436', no, 'HOANG THI HOA') x $$;
create function t.page(token bytea, stall int8, at timestamptz, after int8 default null) returns setof record language sql as
$$ select p.rc, p.name, p.today_n, p.today, p.year, p.amount, p.asked, p.outcome from khop.stall_page(token, at, stall, after, 50) p $$;
create function t.sale(token bytea, stall int8, random int8, amount int8, at timestamptz default '2026-11-22 08:00+07') returns khop.code_row language sql as
$$ select x from khop.stall_sale(token, at, stall, sha256(convert_to('key' || random, 'UTF8')), sha256(convert_to('r' || amount, 'UTF8')), random,
    substr(sha256(convert_to('sale' || random, 'UTF8')), 1, 16), array[t.code('C', random::int4)], amount, at + interval '1 day') x $$;

select is((select rc from t.stall(t.s(11), 1, '9001', 'Sạp 1')), -7::int2, 'a seller makes no stall');
select is((select rc from t.stall(t.s(1), 1, '9001', 'Sạp 1', '2026-11-23')), -14::int2, 'nor an administrator who has not proved to be there');
select results_eq($$ select rc, id, code from t.stall(t.s(1), 1, '9001', 'Sạp 1') $$, $$ values (0::int2, 1::int8, t.code('C', 1)) $$, 'an administrator does');
select results_eq($$ select rc, what from t.stall(t.s(1), 2, '9002', 'Sạp 1') $$, $$ values (-5::int2, 'name') $$, 'a name is there once');
select results_eq($$ select rc, what from t.stall(t.s(1), 2, '111', 'Sạp 2') $$, $$ values (-5::int2, 'account') $$, 'an account of the organisation is no stall''s');
select results_eq($$ select rc, what from t.stall(t.s(1), 2, '114', 'Sạp 2') $$, $$ values (-5::int2, 'account') $$, 'nor one of another organisation');
select is((select rc from t.stall(t.s(1), 2, '9002', 'Sạp 2')), 0::int2, 'a second stall');
select is((select rc from t.stall(t.s(1), 3, '9001', 'Sạp 3')), 0::int2, 'a third one with the account of the first');
select is((select array_agg(private order by account_no) from khop.account where account_no like '900_'), '{t,t}', 'their accounts are private');
select is((select rc from khop.stall_assign(t.s(1), '2026-11-22 00:01+00', 1, 2)), -4::int2, 'an accountant is no seller');
select is((select rc from khop.stall_assign(t.s(1), '2026-11-22 00:01+00', 1, 11)), 0::int2, 'stall 1 is given to seller 11');
select is((select rc from khop.stall_assign(t.s(1), '2026-11-22 00:01+00', 2, 777)), 0::int2, 'stall 2 to a till');
select is((select rc from khop.stall_assign(t.token('C'), '2026-11-22 00:01+00', 1, 12)), -4::int2, 'another organisation gives nothing away');
select results_eq($$ select (t.sale(t.s(11), 1, 51, 200000)).rc $$, $$ values (0::int2) $$, 'a code for a sale');
select results_eq($$ select rc, repeated, amount from t.sale(t.s(11), 1, 51, 200000) $$, $$ values (0::int2, true, 200000::int8) $$, 'the same again is the same');
select is((t.sale(t.s(11), 1, 51, 5000)).rc, -5::int2, 'with another amount it is not');
select is((t.sale(t.s(12), 1, 52, 1000)).rc, -4::int2, 'another seller has no such stall');
select is((t.sale(t.s(11), 2, 52, 1000)).rc, -4::int2, 'nor seller 11 that of the till');
select is((t.sale(t.s(1), 1, 52, 1000)).rc, -7::int2, 'who manages stalls sells nothing');
select is((t.sale(sha256('till'), 2, 53, 1000)).rc, 0::int2, 'the till sells');
select is((select rc from khop.code_issue(t.token('A'), '2026-11-22', sha256('x'), sha256('y'), 60, substr(sha256('p'), 1, 16), 5001, 'C', array[t.code('C', 60)], 1, null, null, null,
    null, null, null, null, null, null, null)), -4::int2, 'a token of the organisation issues no codes on a private account');

-- Short, exact, into the permanent code, without a code; and something of the organisation's own.
select t.issue('A', 1001, 'B', 1, 1000) \g /dev/null
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"1","amount":200,"codes":[["C",51]],"account":5001},{"ext":"2","amount":30000,"codes":[["C",1]],"account":5001},
    {"ext":"3","amount":7000,"account":5001},{"ext":"4","amount":1000,"codes":[["B",1]]},{"ext":"5","amount":1000,"codes":[["C",53]],"account":5002}]'), '2 1 8 1 1', 'money comes');
select results_eq($$ select * from t.page(t.s(11), 1, '2026-11-22 10:00+07') x (rc int2, name text, n int8, today int8, year int8, amount int8, asked int8, outcome int2) $$,
    $$ values (0::int2, 'Sạp 1', 3::int8, 37200::int8, 37200::int8, null::int8, null::int8, null::int2), (0::int2, null, null, null, null, 7000, null, 8::int2),
              (0::int2, null, null, null, null, 30000, null, 1::int2), (0::int2, null, null, null, null, 200, 200000, 2::int2) $$, 'the seller sees all of it, and what was asked');
select is((select count(*) from khop.stall_page(t.s(11), '2026-11-22 10:00+07', 1, (select last from khop.stall_page(t.s(11), '2026-11-22 10:00+07', 1, null, 50) limit 1), 50)), 1::int8,
    'nothing new behind the last');
select is((select count(*) from khop.stall_page(t.s(11), '2026-11-23 10:00+07', 1, null, 50)), 1::int8, 'the next day begins empty');
select results_eq($$ select today, year from khop.stall_page(t.s(11), '2026-11-23 10:00+07', 1, null, 50) $$, $$ values (0::int8, 37200::int8) $$, 'and the year goes on');
select is((select threshold from khop.stall_page(t.s(11), '2026-11-23 10:00+07', 1, null, 50) limit 1), 500000000::int8, 'beside the threshold of the day');
select results_eq($$ select amount, asked from khop.stall_sales(t.s(11), '2026-11-23', 1, '2026-11-01', '2026-11-30', null) where rc = 0 and amount is not null $$,
    $$ values (200::int8, 200000::int8), (30000, null), (7000, null) $$, 'the sales book');
select is((select count(*) from khop.stall_sales(t.s(11), '2026-11-23', 1, '2026-11-23', '2026-11-30', null)), 1::int8, 'of other days is empty');
select is((select paid from khop.stall_sale_get(t.s(11), '2026-11-22 10:00+07', 1, 51)), 200::int8, 'one sale');
select is((select rc from khop.stall_page(t.s(12), '2026-11-22 10:00+07', 1, null, 50)), -4::int2, 'the other seller does not');

-- What the page asked for with codes of its own: the tag comes back in the notice, wherever the bank puts it and whatever it puts around.
create function t.asked(token bytea, stall int8, tags text[], amounts int8[], ages int4[], at timestamptz default '2026-11-22 11:00+07', dropped bool[] default null) returns int language sql volatile as
$$ select a.rc::int from khop.stall_asked(token, at, stall, tags, amounts, ages, coalesce(dropped, array_fill(false, array[cardinality(tags)]))) a $$;
create function t.tagged(token bytea, at timestamptz) returns table (amount int8, tag text, asked int8) language sql volatile as
$$ select p.amount, p.tag, p.asked from khop.stall_page(token, at, 1, null, 50) p where p.rc = 0 and p.name is null $$;
select is(t.asked(t.s(11), 1, '{4KX7M,9QQQQ}', '{200000,5000}', '{60,600}'), 0, 'two sales were asked for');
select is(t.asked(t.s(11), 1, '{4KX7M}', '{999}', '{1}'), 0, 'telling again');
select results_eq($$ select * from t.tagged(t.s(11), '2026-11-22 11:00+07') $$, $$ values (7000::int8, null, null::int8), (30000, null, null), (200, null, 200000), (null, '4KX7M', 200000), (null, '9QQQQ', 5000) $$,
    'changes nothing; they stand behind what came');
select is(t.asked(t.s(12), 1, '{4KX7M}', '{5}', '{1}'), -4, 'another seller asks for nothing there');
select is(t.asked(t.s(1), 1, '{4KX7M}', '{5}', '{1}'), -7, 'nor who manages stalls');
select is(t.outcomes('2026-11-22 11:01+07', replace(
    '[{"ext":"t1","amount":200,"codes":[["C",1]],"account":5001,"memo":"MBVCB.1234 CODE 4KX7M CT tu 0011 toi 7907"},{"ext":"t2","amount":5000,"codes":[["C",1]],"account":5001,"memo":"code.9qq-qq;x","content":"CODE 9QQQQ"},
      {"ext":"t3","amount":1,"codes":[["C",1]],"account":5001,"memo":"CODE 4KX7N"},{"ext":"t4","amount":2,"account":5001,"memo":"4KX7M"},{"ext":"t5","amount":3,"codes":[["C",1]],"account":5001,"memo":"CODE"}]',
    'CODE', khop.code_text(t.code('C', 1)))::jsonb), '1 1 1 8 1', 'money with tags');
select is(t.outcomes('2026-11-22 11:01+07', replace('[{"ext":"t6","amount":4,"codes":[["C",1]],"account":5001,"memo":"CODE4KX7M CODE9QQQQ"}]', 'CODE', khop.code_text(t.code('C', 1)))::jsonb), '1', 'and with two');
select results_eq($$ select amount, tag from t.tagged(t.s(11), '2026-11-22 11:02+07') where amount < 6000 and amount <> 200 or tag is not null and amount is not null $$,
    $$ values (4::int8, null), (3, null), (2, null), (1, null), (5000, '9QQQQ'), (200, '4KX7M') $$, 'are told by them');
select is(t.asked(t.s(11), 1, '{4KX7M,AAAAA}', '{200000,7}', '{60,1}', '2026-11-22 11:03+07', '{true,true}'), 0, 'the customer went away');
select results_eq($$ select p.tag, p.dropped_at is not null from khop.stall_page(t.s(11), '2026-11-22 11:04+07', 1, null, 50) p where p.seq is null and p.tag is not null $$,
    $$ values ('AAAAA', true), ('4KX7M', true), ('9QQQQ', false) $$, 'which is kept');
select is(t.asked(t.s(11), 1, '{BBBBB,CCCCC}', '{1,1}', '{1,604800}', '2026-11-25 11:03+07'), 0, 'days later');
select is((select string_agg(k.tag, ' ') from khop.stall_ask k), 'BBBBB', 'what is older than two days has gone');

-- Nobody else: every reading function of the organisation, for everybody who may call it, with and without the private accounts.
create temp table reads (name text, query text);
insert into reads values
    ('codes', $$ select count(*) from khop.code_list(%L, '2026-11-22 10:00+07', null, null, null, null, 100) where rc = 0 and kind = 'C' $$),
    ('a code', $$ select count(*) from khop.code_get(%L, '2026-11-22 10:00+07', 51, null) where rc = 0 $$),
    ('a code by number', $$ select count(*) from khop.code_get(%L, '2026-11-22 10:00+07', null, t.code('C', 51)) where rc = 0 $$),
    ('receipts', $$ select count(*) from khop.receipt_list(%L, null, 2026, null, 100) where rc = 0 and code_no <> t.code('B', 1) $$),
    ('exceptions', $$ select count(*) from khop.exception_list(%L, null, null, null, null, null, 100) where rc = 0 $$),
    ('reports', $$ select count(*) from unnest(array['days', 'classes', 'unpaid', 'paid', 'receipts', 'journal', 'balances']) n,
        khop.report_show(%L, '2026-11-22 10:00+07', n, '{}', 0, 0, 100) r where r.rc = 0 and r::text ~ '[(,](200|7000|30000|37200|200000|199800)[,)]' $$),
    ('stalls', $$ select count(*) from khop.stall_page(%L, '2026-11-22 10:00+07', 1, null, 100) where rc = 0 $$),
    ('the book', $$ select count(*) from khop.stall_sales(%L, '2026-11-22 10:00+07', 1, '2026-11-01', '2026-11-30', null) where rc = 0 $$),
    ('a sale', $$ select count(*) from khop.stall_sale_get(%L, '2026-11-22 10:00+07', 1, 51) where rc = 0 $$);
create function pg_temp.seen(p_token bytea) returns text language plpgsql as $$
declare r record; v_n int8; v_all text := '';
begin
    for r in select * from reads loop
        execute format(r.query, p_token) into v_n;
        if v_n > 0 then v_all := v_all || r.name || ' '; end if;
    end loop;
    return v_all;
end $$;
select is(pg_temp.seen(t.s(i)), '', 'nothing of a stall: ' || r) from (values (1, 'administrator'), (2, 'accountant'), (3, 'auditor'), (4, 'principal'), (12, 'another seller')) x (i, r);
select is(pg_temp.seen(t.token('A')), '', 'nor a token that may do all');
-- A file is made by a job: it has what its starter may see. And what the organisation's webhooks are told.
create function pg_temp.file(p_name text, p_n int8) returns int8 language plpgsql as $$
declare v_at constant timestamptz := '2026-11-22 10:00+07';
begin
    perform khop.job_submit(t.s(1), v_at, p_n, sha256(convert_to('file' || p_n, 'UTF8')), 'report', '', 0, json_build_object('name', p_name)::text, false);
    perform khop.job_claim(v_at, p_n, false), set_config('khop.hidden', '', true), set_config('khop.hidden_ledgers', '', true); -- as in a transaction of its own
    return (select count(*) from khop.job_report(0, p_n, p_n, v_at, p_name, 0, 0, 100) r where r.rc = 0 and r::text ~ '[(,](200|7000|30000|37200|200000|199800)[,)]');
end $$;
select is((select sum(pg_temp.file(n, 700 + o)) from unnest(array['days', 'classes', 'unpaid', 'paid', 'receipts', 'journal', 'balances']) with ordinality x (n, o)), 0::numeric,
    'nor does a file say it');
insert into khop.webhook (bucket, webhook_id, org_id, url, types, sealed, created_at, created_by, told_until)
values (0, 71, 100, 'https://a.example', '{code.paid,receipt.issued,exception.opened}', '', '2026-11-01', 1, '2026-11-01');
insert into khop.outbox (bucket, org_id, topic, next_seq) values (0, 100, 3, 1) on conflict do nothing;
select khop.outbox_feed('2026-11-22 10:00+07', 100) \g /dev/null
select results_eq($$ select distinct amount from khop.delivery $$, $$ values (1000::int8) $$, 'nor is an address told');
update khop.account set private = false, owner_id = null, owner_since = null where account_no like '900_';
select is(pg_temp.file('journal', 720) > 0, true, 'which is because the accounts are private');
select is(pg_temp.seen(t.token('A')), 'codes a code a code by number receipts exceptions reports ', 'it is because the accounts are private');
update khop.account set private = true, owner_id = 11, owner_since = '2000-01-01' where account_no = '9001';
update khop.account set private = true, owner_id = 777, owner_since = '2000-01-01' where account_no = '9002';
select is((select count(*) from khop.code_list(t.token('A'), '2026-11-22 10:00+07', null, null, null, null, 100)), 1::int8, 'what is not private is there');
select results_eq($$ select name, owner_name from khop.stall_list(t.s(1), '2026-11-22 10:00+07', null, 50, false) $$, $$ values ('Sạp 1', 'Người 11'), ('Sạp 2', 'till'), ('Sạp 3', 'Người 11') $$, 'who manages stalls sees whose they are');
select is((select string_agg(name, ' ') from khop.stall_list(t.s(11), '2026-11-22 10:00+07', null, 50, false)), 'Sạp 1 Sạp 3', 'a seller his own');
select is((select count(*) from khop.stall_list(t.s(1), '2026-11-22 10:00+07', null, 50, true) where owner_id is not null and stall_id is null), 2::int8, 'and whom they may be given to');

-- A stall that changes hands: neither sees the other's.
select is((select owner_name from khop.stall_assign(t.s(1), '2026-11-22 00:02+00', 1, 12)), 'Người 12', 'the stall goes to seller 12');
select is((select count(*) from khop.stall_page(t.s(12), '2026-11-22 10:00+07', 1, null, 50)), 1::int8, 'who sees nothing of the old one''s day');
select is((select rc from khop.stall_page(t.s(11), '2026-11-22 10:00+07', 1, null, 50)), -4::int2, 'who sees it no more');

-- The poster: for the seller and for who manages stalls, whoever works on it later.
insert into khop.job (bucket, job_id, org_id, kind, size, created_at, created_by, key_hash, request_hash, params, state, worker)
select 0, 600 + n, 100, 'stall_poster', 0, '2026-11-22', who, sha256(n::text::bytea), sha256(''), jsonb_build_object('stall', stall, 'size', 'a6'), 'running', 9
  from (values (1, 12, 1), (2, 1, 1), (3, 11, 1), (4, 2, 1), (5, 12, 99)) x (n, who, stall) \g /dev/null
create function pg_temp.poster(p_job int8) returns text language sql volatile as
$$ select concat_ws('|', rc, name, place, bin, account_no, holder, code_no = t.code('C', 1), size) from khop.job_poster(0, p_job, 9, '2026-11-22') $$;
select is(pg_temp.poster(601), '0|Sạp 1|Dãy A|970436|9001|HOANG THI HOA|t|a6', 'a poster for the seller');
select is(pg_temp.poster(602), pg_temp.poster(601), 'and for who manages stalls');
select is(string_agg(pg_temp.poster(j), ' '), '-4 -4 -4', 'not for who sold there before, for an accountant, of no stall') from (values (603), (604), (605)) x (j);
select is((select rc from khop.job_poster(0, 601, 8, '2026-11-22'))::int, -5, 'nor for another worker');
select khop.stall_close(t.s(1), '2026-11-22 00:03+00', 1) \g /dev/null
select is(pg_temp.poster(601), '-4', 'a closed stall has none');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
