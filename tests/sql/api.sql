-- The functions behind the API: tokens, accounts, connections, codes, receipts, exceptions, held notices, keys.
begin;
\ir lib/books.psql
select plan(71);
create function pg_temp.token(p_scopes int4, p_text text) returns bytea language sql as $$
    select sha256(convert_to(p_text, 'UTF8')) from khop.token_create('2026-11-01', 900 + p_scopes, 100, sha256(convert_to(p_text, 'UTF8')), p_scopes, 'test', '2026-12-01') $$;
select pg_temp.token(1, 'reader') as reader, pg_temp.token(8, 'admin') as admin \gset
select t.token('A') as a, t.token('B') as b \gset

-- Tokens.
select is((select rc from khop.login('\x00', '2026-11-22', 1))::int, -6, 'an unknown token');
select is((select rc from khop.login(:'reader', '2026-11-22', 1))::int, 0, 'a good one');
select is((select rc from khop.login(:'reader', '2026-11-22', 2 | 4 | 8))::int, -7, 'without the scope');
select is((select rc from khop.login(:'reader', '2026-12-01', 1))::int, -6, 'expired');
select is(current_setting('khop.orgs'), '', 'a failed login closes what an earlier one opened');
select is((select rc from khop.code_issue(:'reader', '2026-11-22', sha256('k'), sha256('r'), 1, '\x', 1001, 'B', array[1], 1, null, null, null, null, null, null, null, null))::int, -7, 'a reader does not issue');
select is((select rc from khop.code_get('\x00', '2026-11-22', 1, null))::int, -6, 'code_get checks');
select is((select rc from khop.code_list('\x00', '2026-11-22', null, null, null, null, 10))::int, -6, 'code_list checks');
select is((select rc from khop.code_cancel('\x00', '2026-11-22', 1, 'x'))::int, -6, 'code_cancel checks');
select is((select rc from khop.receipt_get('\x00', 1))::int, -6, 'receipt_get checks');
select is((select rc from khop.receipt_list('\x00', null, null, null, 10))::int, -6, 'receipt_list checks');
select is((select rc from khop.exception_list('\x00', null, null, null, null, null, 10))::int, -6, 'exception_list checks');
select is((select rc from khop.account_list('\x00', null, 10))::int, -6, 'account_list checks');
select is((select rc from khop.connection_list('\x00', null, 10))::int, -6, 'connection_list checks');
select is((select rc from khop.account_create(:'reader', '2026-11-22', 1, '970436', '9', 'x'))::int, -7, 'account_create checks');
select is((select rc from khop.connection_create(:'reader', '2026-11-22', 1, '\x', 1001, 1::int2, 1::int2, '\x', 2))::int, -7, 'connection_create checks');
select is((select rc from khop.connection_secret_add(:'reader', '2026-11-22', 1, 1, '\x'))::int, -7, 'connection_secret_add checks');
select is((select rc from khop.connection_secret_end(:'reader', '2026-11-22', 1, 1))::int, -7, 'connection_secret_end checks');

-- Accounts.
select is((select array_agg(ledger_no order by account_id) from khop.account_list(:'a', null, 10)), array[112101, 112102], 'accounts of an organisation have their numbers in its books');
select is((select format('%s %s', rc, account_id) from khop.account_create(:'a', '2026-11-22', 5, '970436', '111', 'OTHER')), '0 1001', 'the same account again is the stored one');
select is((select rc from khop.account_create(:'b', '2026-11-22', 5, '970436', '111', 'OTHER'))::int, -5, 'of another organisation: a conflict');
select is((select count(*) from khop.account_list(:'a', 1001, 10))::int, 1, 'the next page begins after the last id');

-- Connections.
select is((select format('%s %s %s', rc, connection_id, role) from khop.connection_create(:'admin', '2026-11-22', 11, substr(sha256('h1'), 1, 16), 1001, 1::int2, 2::int2, 'sealed', 21)), '0 11 1', 'the first connection settles');
select is((select role from khop.connection_create(:'admin', '2026-11-22', 12, substr(sha256('h2'), 1, 16), 1001, 2::int2, 4::int2, 'sealed', 22))::int, 2, 'the second one is a witness');
select is((select rc from khop.connection_create(:'admin', '2026-11-22', 13, substr(sha256('h3'), 1, 16), 1003, 1::int2, 2::int2, 'sealed', 23))::int, -4, 'not on an account of others');
select is((select rc from khop.connection_create(:'admin', '2026-11-22', 13, substr(sha256('h3'), 1, 16), 1001, 1::int2, 3::int2, 'sealed', 23))::int, -1, 'a mode of another provider');
select is((select format('%s %s %s %s %s', bucket, account_id, account_no, provider, encode(secret, 'escape')) from khop.connection_get(substr(sha256('h1'), 1, 16))), '0 1001 111 1 sealed', 'a connection by its hook');
select is((select count(*) from khop.connection_get(substr(sha256('nobody'), 1, 16)))::int, 0, 'an unknown hook');
select is((select array_agg(x.rc) from (values (31), (32), (33)) v (r), lateral khop.connection_secret_add(:'admin', '2026-11-22', v.r, 11, 'next') x), array[0, 0, -13]::int2[], 'three secrets are active, not four');
select is((select count(*) from khop.connection_get(substr(sha256('h1'), 1, 16)))::int, 3, 'a row for each');
select is((select rc from khop.connection_secret_end(:'admin', '2026-11-22', 11, 21))::int, 0, 'one ends');
select is((select secrets from khop.connection_list(:'admin', null, 10) where connection_id = 11), 2, 'the list tells how many are left');
select is((select rc from khop.connection_secret_end(:'admin', '2026-11-22', 12, 22))::int, -5, 'the last one does not end');
select is((select rc from khop.connection_secret_end(:'b', '2026-11-22', 11, 31))::int, -4, 'not those of others');

-- Codes.
select t.code('B', 1) as c1 \gset
create function pg_temp.issue(p_token bytea, p_key text, p_request text, p_random int8, p_codes int4[], p_account int8 default 1001, p_kind text default 'B', p_now timestamptz default '2026-11-22 08:00+07')
returns setof khop.code_row language sql as $$ select * from khop.code_issue(p_token, p_now, sha256(convert_to(p_key, 'UTF8')), sha256(convert_to(p_request, 'UTF8')),
    p_random, substr(sha256(convert_to('t' || p_random, 'UTF8')), 1, 16), p_account, p_kind, p_codes, 1000, 'tien an', 'HS1', 'Lò Thị C', null, null, null, '2026-11-20', null) $$;
select is((select format('%s %s %s %s %s %s %s', rc, repeated, charge_id, code_no, status, payer_name, bin) from pg_temp.issue(:'a', 'k1', 'r1', 41, array[:c1])), format('0 f 41 %s issued Lò Thị C 970436', :c1), 'a code is issued');
select is((select code_no from pg_temp.issue(:'a', 'k2', 'r2', 42, array[:c1, :c1 + 1])), :c1 + 1, 'a number that is taken is passed over');
select is((select rc from pg_temp.issue(:'a', 'k3', 'r3', 43, array[:c1, :c1 + 1]))::int, -13, 'none is free');
select is((select rc from pg_temp.issue(:'a', 'k3', 'r3', 43, array[:c1 + 2]))::int, 0, 'and the key may be tried again');
select is((select format('%s %s', rc, repeated) from pg_temp.issue(:'a', 'k1', 'r1', 49, array[:c1 + 3])), '0 t', 'a repeat');
select is((select rc from pg_temp.issue(:'a', 'k1', 'r9', 49, array[:c1 + 3]))::int, -5, 'the same key with another request');
select is((select rc from pg_temp.issue(:'b', 'k1', 'r9', 50, array[:c1 + 3], 1003))::int, 0, 'a key is of an organisation');
select is((select rc from pg_temp.issue(:'a', 'k4', 'r4', 51, array[:c1 + 4], 1003))::int, -4, 'not on an account of others');
select is((select rc from pg_temp.issue(:'a', 'k4', 'r4', 51, array[:c1 + 4], 1001, 'C'))::int, -1, 'a number of another kind');
select is(t.outcomes('2026-11-22 09:00+07', '[{"ext":"1","amount":400,"codes":[["B",1]],"ref":"FT1"},{"ext":"2","amount":600,"codes":[["B",1]]},{"ext":"3","amount":9}]'), '2 1 8', 'paid in two');
select is((select string_agg(format('%s %s %s', status, paid, receipt_no), ', ' order by receipt_no) from khop.code_get(:'a', '2026-11-22', 41, null)), 'paid_late 1000 1, paid_late 1000 2', 'late, since it was due two days before');
select is((select format('%s %s %s %s', repeated, status, paid, receipt_id) from pg_temp.issue(:'a', 'k1', 'r1', 49, array[:c1 + 3])), 't issued 0 ', 'a repeat still answers as at issue');
select is((select rc from khop.code_get(:'b', '2026-11-22', 41, null))::int, -4, 'others do not see it by id');
select is((select rc from khop.code_get(:'b', '2026-11-22', null, :c1))::int, -4, 'nor by number');
select is((select rc from khop.code_cancel(:'a', '2026-11-22', 41, 'x'))::int, -5, 'a paid code is not cancelled');
select is((select rc from khop.code_cancel(:'b', '2026-11-22', 42, 'x'))::int, -4, 'nor one of others');
select is((select status from khop.code_cancel(:'a', '2026-11-22', 42, 'x')), 'cancelled', 'one without payments is');
select is((select array_agg(charge_id) from khop.code_list(:'a', '2026-11-22', null, null, null, null, 2)), array[41, 42]::int8[], 'codes by time and id');
select is((select array_agg(charge_id) from khop.code_list(:'a', '2026-11-22', null, null, '2026-11-22 08:00+07', 42, 2)), array[43]::int8[], 'the next page');
select is((select array_agg(charge_id) from khop.code_list(:'a', '2026-11-22', 'cancelled', null, null, null, 10)), array[42]::int8[], 'by state');
select is((select string_agg(format('%s %s %s %s', charge_id, status, paid, receipt_count), ', ' order by charge_id) from khop.charge_watch(0, array[41, 50, 99], '2026-11-22')), '41 paid_late 1000 2, 50 issued 0 0', 'live pages');

-- What is answered at once is what is stored: a repeat reads it.
select t.payer('A', 701) \g /dev/null
create function pg_temp.twice(p_what text, p_random int8, p_kind text, p_amount int8, p_payer text[], p_payee text[], p_labels text[] default null, p_amounts int8[] default null)
returns text language sql as $$
    select is(to_jsonb(x.r[1]), to_jsonb(x.r[2]) || '{"rc": 0, "repeated": false}', p_what)
      from (select array_agg(c order by g) as r from generate_series(1, 2) g, lateral khop.code_issue(t.token('A'), '2026-11-22 08:30+07', sha256(convert_to(p_what, 'UTF8')),
                sha256('r'), p_random, substr(sha256(convert_to(p_what, 'UTF8')), 1, 16), 1001, p_kind, array[t.code(p_kind, p_random::int4)], p_amount, 'tien', p_payer[1], p_payer[2],
                p_payee[1], p_payee[2], p_payee[3], '2026-11-20', '2027-01-01', p_payer[3], p_labels, p_amounts) c) x $$;
select pg_temp.twice('a bill with lines', 901, 'B', 300, array['HS1', 'Lò Thị C', '5A'], null, array['An', 'Nước'], array[400, -100]);
select pg_temp.twice('a payer of the list', 902, 'B', 300, array['HS-701'], null);
select pg_temp.twice('nobody, no amount', 903, 'B', null, null, null);
select pg_temp.twice('a payout', 904, 'P', 300, null, array['970436', '0123', 'LO VAN D']);

-- Receipts and exceptions.
select is((select string_agg(format('%s/%s %s %s %s %s', year, no, amount, kid, org_code, reference), ', ') from khop.receipt_list(:'a', null, null, null, 10)), '2026/1 400 kid-1 SL-A FT1, 2026/2 600 kid-1 SL-A ', 'receipts by number');
select is((select count(*) from khop.receipt_list(:'a', 2026, 2026, 1, 10))::int, 1, 'the next page');
select is((select p.rc from khop.receipt_list(:'a', null, null, null, 1) l, lateral khop.receipt_public(0, l.rid) p)::int, 0, 'a public receipt by its rid');
select is((select rc from khop.receipt_public(0, '\x00112233445566778899aabbccddeeff'))::int, -4, 'no such receipt');
select is((select g.rc from khop.receipt_list(:'a', null, null, null, 1) l, lateral khop.receipt_get(:'b', l.receipt_id) g)::int, -4, 'others do not see it');
select is((select format('%s %s %s', reason, held, state) from khop.exception_list(:'a', 'open', null, null, null, null, 10) where held > 0), 'no_code 9 open', 'what waits for a person');

-- Notices that book nothing.
select is((select string_agg(format('%s %s', h.rc, h.repeated), ', ') from (values (61), (62)) v (id), lateral
    khop.notice_hold(1001, '2026-11-22', v.id, 11, 'what', sha256('what'), 'unreadable_notice', null, v.id + 10) h), '0 f, 0 t', 'a held notice opens one exception');
select is((select string_agg(format('%s %s', h.rc, h.repeated), ', ') from (values (63), (64)) v (id), lateral
    khop.notice_witness(1001, '2026-11-22', v.id, 12, 'seen', sha256('seen')) h), '0 f, 0 t', 'a witness is kept once');
select is((select array_agg(x.key_no) from (values ('kid-1', sha256('key')), ('kid-2', sha256('k2')), ('kid-2', sha256('k2')), ('kid-1', sha256('forged'))) v (kid, key), lateral khop.key_register(v.kid, v.key, 'https://pay.example', '2026-11-22') x),
    array[1, 2, 2, -5]::int2[], 'a key gets its number once');
select is((select array_agg(x.key_no) from (values ('https://new.example'), ('https://pay.example'), ('https://new.example')) v (iss), lateral khop.key_register('kid-1', sha256('key'), v.iss, '2026-11-23') x),
    array[3, 1, 3]::int2[], 'and another one for another origin');
select is((select array_agg(k.kid || ' ' || (k.valid_from at time zone 'UTC')::date order by k.kid) from khop.key_list() k), array['kid-1 2026-11-01', 'kid-2 2026-11-22'], 'where it is listed once, from its first day on');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
