-- Jobs: leases, parts that are issued once, numbers that are taken, what other organisations and late workers may do.
begin;
\ir lib/books.psql
select plan(26);

create function t.chunk(org text, random int8, at int4, text text) returns int2 language sql as
$$ select rc from khop.job_chunk(t.token(org), '2026-11-22 08:00+07', 'codes', random, at, convert_to(text, 'UTF8')) $$;
create function t.submit(org text, random int8, key text, size int4) returns khop.job_row language sql as
$$ select x from khop.job_submit(t.token(org), '2026-11-22 08:00+07', random, sha256(convert_to(key, 'UTF8')), 'codes', 'csv', size, '{}', false) x $$;
-- Issues lines first + 1 … first + n of a job, all with the code numbers given.
create function t.part(job int8, worker int8, first int4, codes int4[], account int8 default 1001) returns int2 language sql as
$$ select rc from khop.job_issue(0, job, worker, '2026-11-22 08:01+07', first, 7, codes,
    (select array_agg(substr(sha256(convert_to(job || ' ' || first || ' ' || g, 'UTF8')), 1, 16)) from generate_series(1, cardinality(codes)) g),
    array_fill(account, array[cardinality(codes)]), array_fill(1000::int8, array[cardinality(codes)]), array_fill('x'::text, array[cardinality(codes)]),
    '{}', '{}', '{}', '{}', '{}', '{}', '{}') $$;

select is((t.chunk('A', 1, 0, 'abc') + t.chunk('A', 1, 3, 'de') + t.chunk('A', 1, 3, 'de'))::int, 0, 'pieces are kept, one of them sent twice');
select is((t.submit('A', 1, 'k', 5)).state, 'queued', 'a job begins in the queue');
select is((t.chunk('A', 2, 0, 'abc') + t.chunk('A', 2, 3, 'de'))::int, 0, 'the same file again');
select results_eq($$ select rc, repeated, job_id from t.submit('A', 2, 'k', 5) $$, $$ values (0::int2, true, 1::int8) $$, 'is the same job');
select is((select count(*) from khop.job_chunk), 2::bigint, 'and its pieces are dropped');
select is(t.chunk('A', 3, 0, 'other'), 0::int2, 'another file');
select is((t.submit('A', 3, 'k', 5)).rc, -5::int2, 'under the same key is refused');
select throws_ok($$ select t.submit('A', 4, 'missing', 5) $$, '22000', null, 'a file of which pieces are missing is no job');
select is((select rc from khop.job_get(t.token('B'), '2026-11-22', 1)), -4::int2, 'another organisation does not see it');
select is((select rc from khop.job_cancel(t.token('B'), '2026-11-22', 1)), -4::int2, 'nor cancel it');

select is((select job_id from khop.job_claim('2026-11-22 08:00:00+07', 10, false)), 1::int8, 'a worker takes it');
select is_empty($$ select * from khop.job_claim('2026-11-22 08:00:09+07', 11, false) $$, 'and keeps it while its lease runs');
select is((select string_agg(convert_from(bytes, 'UTF8'), '') from khop.job_input(0, 1, 10, '2026-11-22 08:00:09+07', 0, 16)), 'abcde', 'it reads the pieces, which renews the lease');
select is_empty($$ select * from khop.job_claim('2026-11-22 08:00:18+07', 11, false) $$, 'so that it is still not to be had');
select is((select job_id from khop.job_claim('2026-11-22 08:00:20+07', 11, false)), 1::int8, 'a worker that is silent loses it');
select is((select rc from khop.job_checked(0, 1, 10, '2026-11-22 08:00:21+07', 5, 2, 77)), -5::int2, 'and learns that with its next step');
select is((select rc from khop.job_checked(0, 1, 11, '2026-11-22 08:00:21+07', 5, 2, 77)), 0::int2, 'the new one goes on');

select t.issue('B', 1003, 'B', 10, 1000) \g /dev/null
select is(t.part(1, 11, 0, array[t.code('B', 10), t.code('B', 10)]), 0::int2, 'two lines that drew one number, which another organisation has');
select results_eq($$ select count(distinct code_no), count(*) filter (where code_no between t.code('B', 0) and t.code('B', 28629150)), bool_and(code_no % 28629151 % 2 = t.code('B', 10) % 28629151 % 2)
    from khop.charge where charge_id in (78, 79) $$, $$ values (2::bigint, 2::bigint, true) $$, 'get others of their kind and half');
select is(t.part(1, 11, 0, array[t.code('B', 12), t.code('B', 14)]), 0::int2, 'a part that is done');
select is((select count(*) from khop.charge where charge_id between 78 and 82), 2::bigint, 'is not done again');
select is(t.part(1, 11, 1, array[t.code('B', 16), t.code('B', 18)]), -5::int2, 'what is no part is refused');
select is(t.part(1, 11, 2, array[t.code('B', 16), t.code('B', 18)], 1003), -4::int2, 'and another organisation''s account');
select is((t.part(1, 11, 4, array[t.code('B', 20)]) + t.part(1, 11, 2, array[t.code('B', 16), t.code('B', 18)]))::int, 0, 'the others in any order');
select results_eq('select state, done from khop.job where job_id = 1', $$ values ('done', 5) $$, 'end the job');
select is((select count(*) from khop.job_chunk where job_id = 1), 0::bigint, 'and its input is gone');
select * from finish();
rollback;
