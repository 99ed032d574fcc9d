-- Receipts on paper: the job that makes a public one is made once, its key opens it and nothing else; what is said at the desk only; settings.
begin;
\ir lib/books.psql
select plan(31);
select t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1001, 'P', 2, 300), t.issue('B', 1003, 'B', 3, 700) \g /dev/null
select t.outcomes('2026-11-21 09:00+07', '[{"ext":"1","amount":1000,"codes":[["B",1]],"ref":"FT1"},{"ext":"2","amount":300,"dir":2,"codes":[["P",2]]},{"ext":"3","amount":700,"account":1003,"codes":[["B",3]]}]') \g /dev/null
select rid from khop.receipt where org_id = 100 and no = 1 \gset
create function pg_temp.paper(p_now timestamptz default '2026-11-22', p_random int8 default 77) returns record language sql volatile as
$$ select p from khop.receipt_paper(0, (select rid from khop.receipt where org_id = 100 and no = 1), p_now, p_random) p $$;
create function pg_temp.job(p_now timestamptz default '2026-11-22', p_random int8 default 77) returns int8 language sql volatile as
$$ select p.job_id from khop.receipt_paper(0, (select rid from khop.receipt where org_id = 100 and no = 1), p_now, p_random) p $$;

select is((select rc from khop.receipt_paper(0, '\x00', '2026-11-22', 5))::int, -4, 'no such receipt');
select is((select rc from khop.receipt_paper(1, :'rid', '2026-11-22', 5))::int, -4, 'not in that bucket');
select is((select concat_ws(' ', rc, job_id, state, octet_length(key)) from khop.receipt_paper(0, :'rid', '2026-11-22', 77)), '0 77 queued 32', 'a job');
select is(pg_temp.job('2026-11-22', 78), 77::int8, 'the same again');
select is((select count(*) from khop.job)::int, 1, 'one job');
select is((select concat_ws(' ', kind, state, created_by, urgent, params) from khop.job), 'receipt queued 0 t {"receipt": ' || (select event_id from khop.transfer where org_id = 100 and seq = 1) || '}', 'it says which receipt');

-- The key.
select key from khop.receipt_paper(0, :'rid', '2026-11-22', 77) \gset
select is((select concat_ws(' ', rc, job_id, state) from khop.job_get(:'key', '2026-11-22', 77)), '0 77 queued', 'its key opens it');
select is((select rc from khop.job_get('\x00', '2026-11-22', 77))::int, -6, 'another does not');
select is((select rc from khop.job_get(:'rid', '2026-11-22', 77))::int, -6, 'nor does the address itself');
select is((select rc from khop.job_cancel(:'key', '2026-11-22', 77))::int, -6, 'it cancels nothing');
select is((select rc from khop.report_show(:'key', '2026-11-22', 'days', '{}', 0, 0, 1))::int, -6, 'and is no token');
select rc from khop.job_submit(t.token('A'), '2026-11-22', 500, sha256('k'), 'report', '', 0, '{"name":"days"}', false) \g /dev/null
select is((select rc from khop.job_get(sha256('k'), '2026-11-22', 500))::int, -6, 'keys of other jobs open nothing');
select is((select rc from khop.job_get(t.token('B'), '2026-11-22', 77))::int, -4, 'strangers with a token see nothing');

-- The worker.
select worker from (values (9)) w (worker) \gset
update khop.job set state = 'cancelled' where job_id = 500 \g /dev/null
select job_id from khop.job_claim('2026-11-22', 9, true) \g /dev/null
create function pg_temp.sheet(p_job int8) returns text language sql volatile as
$$ select concat_ws('|', rc, unit, budget_code, form, no, amount, payer, label, reference, voided, void_reason, outgoing, again, desk, copies) from khop.job_receipt(0, p_job, 9, '2026-11-22') $$;
select is(pg_temp.sheet(77), '0|A|C45-BB|1|1000|f|f|f|f|f', 'the public one: no payer, nothing that people wrote');
select is((select count(*) from khop.receipt_print)::int, 0, 'which is not noted');
select is((select rc from khop.job_receipt(0, 77, 8, '2026-11-22'))::int, -5, 'another worker');
select rc from khop.job_finish(0, 77, 9, '2026-11-22', 'done', null, null, 'a.pdf', 'application/pdf', 1) \g /dev/null
select is(pg_temp.job('2026-11-27', 78), 77::int8, 'its file is used');
select is(pg_temp.job('2026-11-28 00:00:01', 78), 78::int8, 'while it is kept');
select rc from khop.paper_setting_save(t.token('A'), '2026-11-22', '1098765', 'Bản Mòn', null, null, 'Lan', null) \g /dev/null
select is(pg_temp.job('2026-11-22', 79), 79::int8, 'with other settings it is another');
insert into khop.receipt_void (bucket, org_id, year, no, reason, voided_at) values (0, 100, 2026, 1, 'hai lần', '2026-11-22') \g /dev/null
select is(pg_temp.job('2026-11-22', 80), 80::int8, 'and when it is void');
update khop.job set state = 'failed', finished_at = '2026-11-22' where job_id = 80 \g /dev/null
select is((select concat_ws(' ', job_id, state) from khop.receipt_paper(0, :'rid', '2026-11-22 00:00:30', 81)), '80 failed', 'one that failed is not tried at once');
select is(pg_temp.job('2026-11-22 00:02', 81), 81::int8, 'but later');

-- The desk's.
insert into khop.job (bucket, job_id, org_id, kind, size, created_at, created_by, key_hash, request_hash, params, state, worker)
select 0, 600 + n, 100, 'receipt', 0, '2026-11-22', 5, sha256(n::text::bytea), sha256(''), jsonb_build_object('receipt', (select event_id from khop.transfer where org_id = 100 and seq = s), 'desk', true, 'copies', n = 1), 'running', 9
  from (values (1, 1), (2, 1), (3, 2)) x (n, s) \g /dev/null
select is(pg_temp.sheet(601), '0|A|1098765|C45-BB|1|1000|Lò Văn A|tien an|FT1|t|hai lần|f|f|t|t', 'the desk''s: with payer, label, reference and why it is void');
select is(pg_temp.sheet(601), '0|A|1098765|C45-BB|1|1000|Lò Văn A|tien an|FT1|t|hai lần|f|f|t|t', 'the same job again is no second print');
select is(pg_temp.sheet(602), '0|A|1098765|C45-BB|1|1000|Lò Văn A|tien an|FT1|t|hai lần|f|t|t|f', 'the next one is');
select is(pg_temp.sheet(603), '0|A|1098765|C45-BB|2|300|Nguyễn B|tien an|f|t|f|t|f', 'money out: the payee');
select is((select count(*) from khop.receipt_print)::int, 3, 'what is printed at the desk is noted');

-- Settings.
select is((select concat_ws('|', rc, budget_code, address, form, left(circular, 8), collector, hotline) from khop.paper_setting_get(t.token('A'), '2026-11-22')), '0|1098765|Bản Mòn|C45-BB|Ban hành|Lan', 'settings, and what stands there by itself');
select is((select concat_ws('|', rc, budget_code, form, changed_at) from khop.paper_setting_get(t.token('B'), '2026-11-22')), '0|C45-BB', 'others have their own');
select is((select rc from khop.paper_setting_save('\x00', '2026-11-22', null, null, null, null, null, null))::int, -6, 'strangers set nothing');
select is((select count(*) from khop.paper_setting)::int, 1, 'a row an organisation');
select * from finish();
rollback;
