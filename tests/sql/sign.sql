-- The follower: what it is given, what it keeps, and what a public receipt says then.
begin;
\ir lib/books.psql
select plan(17);

select t.issue('A', 1001, 'B', g, 1000) from generate_series(1, 6) g \g /dev/null
select t.issue('C', (1::int8 << 48) | 1004, 'B', 7, 1000) \g /dev/null
create function pg_temp.given(p_limit int4) returns text language sql as $$
    select string_agg(format('%s/%s:%s', x.org_id & 1023, x.seq, coalesce(x.no::text, '-')), ' ' order by o)
      from khop.sign_next(p_limit) with ordinality x (rc, bucket, org_id, seq, org_code, year, no, rid, code_no, amount, paid_at, issued_at, kid, iss, signature, o) $$;
create function pg_temp.org(p_code text) returns int8 language sql as $$ select org_id from khop.org where code = 'SL-' || p_code $$;
create function pg_temp.sig(p_n int4) returns bytea language sql as $$ select sha256(convert_to('a' || p_n, 'UTF8')) || sha256(convert_to('b' || p_n, 'UTF8')) $$;

select is(pg_temp.given(10), null, 'nothing is settled, nothing is to be signed');
select is((select waiting from khop.sign_state()), 0::int8, 'and nothing waits');
select t.settle('2026-11-22 09:00+07', '[{"ext":"1","amount":1000,"codes":[["B",1]]},{"ext":"2","amount":5},{"ext":"3","amount":1000,"codes":[["B",2]]}]') \g /dev/null
select t.settle('2026-11-22 08:59+07', '[{"ext":"4","amount":1000,"account":281474976711660,"codes":[["B",7]]}]', 1) \g /dev/null
select t.settle('2026-11-22 09:01+07', '[{"ext":"5","amount":1000,"codes":[["B",3]]}]') \g /dev/null
select is(pg_temp.given(10), '300/1:1 100/1:1 100/2:- 100/3:2 100/4:3', 'who has waited longest comes first; money in suspense is stepped over');
select is(pg_temp.given(3), '300/1:1 100/1:1 100/2:-', 'as many as asked for, of the last a part');
select is((select array[waiting::text, oldest::text] from khop.sign_state()), '{5,"2026-11-22 01:59:00+00"}', 'how far behind it is');
select is((select rc from khop.sign_store('2026-11-22 09:02+07', array[1, 0], array[pg_temp.org('C'), pg_temp.org('A')], array[2, 4], array[1, 2], array[2026, 2026], array[1, 1],
    array[pg_temp.sig(9), pg_temp.sig(1) || pg_temp.sig(2)])), 0::int2, 'signatures are kept');
select is(pg_temp.given(10), '100/4:3', 'what has been signed is not given again');
select is((select rc from khop.sign_store('2026-11-22 09:03+07', array[1, 0], array[pg_temp.org('C'), pg_temp.org('A')], array[2, 3], array[1, 2], array[2026, 2026], array[1, 1],
    array[pg_temp.sig(9), pg_temp.sig(1)])), 0::int2, 'again with the same, or less');
select is(pg_temp.given(10), '100/4:3', 'nothing goes back');
select is((select array_agg(octet_length(signatures) order by octet_length(signatures)) from khop.receipt_signature), '{64,128}', 'nothing is kept twice');

create function pg_temp.rid(p_no int4) returns bytea language sql as $$ select rid from khop.receipt r where r.org_id = pg_temp.org('A') and r.no = p_no $$;
select is((select signature from khop.receipt_jws(0, pg_temp.rid(1))), pg_temp.sig(1), 'the first of a run');
select is((select signature from khop.receipt_jws(0, pg_temp.rid(2))), pg_temp.sig(2), 'the last of it');
select is((select array[no::text, signature::text, kid, iss, org_code, amount::text] from khop.receipt_jws(0, pg_temp.rid(3))),
    array['3', null, 'kid-1', 'https://pay.example', 'SL-A', '1000'], 'one behind it has none yet');
select is((select rc from khop.receipt_jws(0, '\x00112233445566778899aabbccddeeff')), -4::int2, 'nobody''s');
select is_empty('select * from audit.invariants()', 'the books are right');
insert into khop.receipt_signature (bucket, org_id, year, signed_at, first_no, signatures) values (0, pg_temp.org('A'), 2026, '2026-11-22', 3, pg_temp.sig(3) || pg_temp.sig(4));
select is((select name from audit.invariants()), 'receipt_signature', 'a signature of a receipt that was never given is found');

-- One follower: this session has the lock for as long as it lives.
select is((select count(*) from pg_locks where locktype = 'advisory' and objid = hashtext('khop.sign')::oid and pid = pg_backend_pid())::int, 1, 'the session is the follower');
select * from finish();
rollback;
select pg_advisory_unlock_all();
