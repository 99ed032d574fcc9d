-- Pay pages, many in one call: each token gets its own page and nothing else, whoever else asks.
begin;
\ir lib/books.psql
select plan(17);

-- Bucket 0: of A an open code, one paid in three, a cancelled one, a stall's with 120 receipts; one of B. Bucket 1: one of C.
select account_id as acc from khop.account where account_no = '114' \gset
select t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1001, 'B', 2, 900), t.issue('A', 1002, 'B', 3, 700), t.issue('A', 1001, 'C', 4, null),
       t.issue('B', 1003, 'B', 5, 500), t.issue('C', :acc, 'B', 6, 600) as in_1 \gset
select t.outcomes('2026-11-22 09:00+07', '[{"ext":"1","amount":300,"codes":[["B",2]]},{"ext":"2","amount":300,"codes":[["B",2]]},{"ext":"3","amount":300,"codes":[["B",2]]},
    {"ext":"4","amount":200,"codes":[["B",5]],"account":1003}]'),
       t.outcomes('2026-11-22 09:00+07', jsonb_build_array(jsonb_build_object('ext', '5', 'amount', 600, 'codes', '[["B",6]]'::jsonb, 'account', :acc)), 1),
       (select rc from khop.code_cancel(t.token('A'), '2026-11-22', t.code('B', 3), 'wrong')) \g /dev/null
select t.outcomes('2026-11-22 10:00+07', (select jsonb_agg(jsonb_build_object('ext', 's' || g, 'amount', g, 'codes', '[["C",4]]'::jsonb)) from generate_series(1, 120) g)) \g /dev/null

create function pg_temp.page(kind text, n int4) returns bytea language sql as $$ select substr(sha256(convert_to('page' || kind || n, 'UTF8')), 1, 16) $$;
-- Asked in this order: of A; nobody's; of B; of C; cancelled; another bucket's; the first again; the stall's.
create temp table ask as select array[0, 0, 0, 1, 0, 1, 0, 0] as buckets,
    array[pg_temp.page('B', 2), pg_temp.page('B', 99), pg_temp.page('B', 5), pg_temp.page('B', 6), pg_temp.page('B', 3), pg_temp.page('B', 1), pg_temp.page('B', 2), pg_temp.page('C', 4)] as tokens;
create temp table got as select row_number() over () as row, p.* from ask a, lateral khop.pay_pages(a.buckets, a.tokens) p;
create function pg_temp.said(p_place int4) returns text language sql as $$
    select format('%s %s %s %s %s', min(code_no - t.code(kind, 0)), min(status), min(paid), count(receipt_no), min(org_name)) from got where place = p_place and rc = 0 $$;

select is(pg_temp.said(1), '2 paid 900 3 A', 'a paid code with its receipts');
select is((select count(*)::int from got where place in (2, 6)), 0, 'a token that is nobody''s, and one of another bucket, have no row');
select is(pg_temp.said(3), '5 partially_paid 200 1 B', 'a neighbour of another organisation gets its own');
select is(pg_temp.said(4), '6 paid 600 1 C', 'and one of another bucket');
select is(pg_temp.said(5), '3 cancelled 0 0 A', 'a cancelled code');
select is(pg_temp.said(7), '2 paid 900 3 A', 'who asks for the same page gets the same');
select is((select format('%s %s %s', count(*), min(receipt_amount), max(receipt_amount)) from got where place = 8), '20 101 120', 'of a stall''s receipts as many as a page lists, the newest');
select is((select array_agg(place order by row) from got), (select array_agg(place order by place, receipt_year, receipt_no) from got), 'rows stand in the order of the asks, receipts by number');
select is(current_setting('khop.orgs'), (select array_to_string(array_agg(org_id order by org_id), ',') from khop.org where code in ('SL-A', 'SL-B', 'SL-C')), 'the organisations of the pages are open, each once');
select results_eq(format($$ select to_jsonb(p) - 'place' from khop.pay_pages('{0,0}', array[%L, %L]::bytea[]) p where place = 2 $$, pg_temp.page('B', 5), pg_temp.page('B', 2)),
    $$ select to_jsonb(c) - 'place' from khop.code_get(t.token('A'), '2026-11-22', t.code('B', 2), null) c $$, 'a page is the document of the API');

select is((select count(*)::int from khop.pay_pages('{0,1}', array[pg_temp.page('B', 98), pg_temp.page('B', 99)])), 0, 'nobody''s tokens alone');
select is(current_setting('khop.orgs'), '', 'open nothing');
select is((select count(*)::int from khop.pay_pages('{}', '{}')), 0, 'no ask, no row');

select t.code('B', 1) as b1, t.code('B', 2) as b2, t.code('B', 5) as b5 \gset
-- Row level security, should a function hand over charges that are not open.
set local role khop_fn_org;
set local khop.orgs = '100';
select array_agg(c.place || ' ' || c.code_no) as codes from khop.code_rows('{0,0,1}', array[:b1, :b5, :in_1], 100) c \gset
select array_agg(r.place) as receipts from khop.code_receipts('{0,0,1}', array[:b5, :b2, :in_1], 100) r \gset
select count(*) as bare from khop.code_rows('{0}', array[:b2], null) c where c.receipt_id is null \gset
reset role;
select is(:'codes'::text, format('{"1 %s"}', :b1), 'a charge of an organisation that is not open is not read');
select is(:'receipts'::int4[], array[2, 2, 2], 'nor its receipts');
select is(:bare, 1, 'who wants no receipts has one row');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
