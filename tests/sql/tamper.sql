-- Somebody with every right changes one column, deletes a row or swaps two: audit.invariants() must name it. Every column of the
-- books is tried; what the list of exceptions below names is what no query can know.
begin;
\ir lib/books.psql
select plan(79);
select t.issue('A', 1001, 'B', 1, 1000), t.issue('A', 1001, 'B', 2, 1000), t.issue('A', 1001, 'B', 3, 900, '2027-01-01'), t.issue('B', 1003, 'B', 4, 500) \g /dev/null
select t.outcomes('2026-11-22 09:00+07', '[{"ext":"1","amount":400,"codes":[["B",1]],"ref":"FT1","balance":400},{"ext":"2","amount":600,"codes":[["B",1,1]],"ref":"FT2","balance":1000},
    {"ext":"3","amount":1000,"codes":[["B",2]],"ref":"FT3"},{"ext":"4","amount":77},{"ext":"5","amount":500,"codes":[["B",4]],"account":1003}]') \g /dev/null
select t.outcomes('2026-11-23 09:00+07', '[{"ext":"6","amount":5,"codes":[["B",3]]},{"ext":"7","amount":78,"dir":2},{"ext":"4","amount":1}]') \g /dev/null
select t.outcomes('2027-01-05 09:00+07', '[{"ext":"8","amount":6,"codes":[["B",3]],"paid_at":"2026-12-31 09:00+07"}]') \g /dev/null

-- What followed them: an allocation with credit, credit used, a refund, and one taken back.
select t.payer('A', 501), t.payer('A', 502), t.issue('A', 1001, 'B', 5, 700), t.issue('A', 1001, 'P', 6, 20) \g /dev/null
select t.own('B', 5, 501) \g /dev/null
select t.outcomes('2027-01-05 09:00+07', '[{"ext":"9","amount":1000}]') \g /dev/null
select t.book('2027-01-05 10:00+07', '[{"kind":3,"of":"9","code":["B",5],"amount":600},{"kind":4,"from":3388,"of":"9","payer":501,"amount":150}]') \g /dev/null
select t.book('2027-01-05 10:01+07', '[{"kind":5,"payer":501,"code":["B",5],"amount":90},{"kind":6,"from":3387,"payer":501,"to":["P",6],"amount":20}]') \g /dev/null
select t.book('2027-01-05 10:02+07', '[{"kind":3,"of":"9","code":["B",5],"amount":10}]') \g /dev/null
select t.book('2027-01-05 10:03+07', '[{"kind":7,"of":13,"amount":10}]', 'undo') \g /dev/null

-- Runs a change, asks the invariants, undoes the change: the names of what they found.
create function pg_temp.found(p_change text) returns text[] language plpgsql as $$
declare
    v_names text[];
begin
    begin
        execute p_change;
        select array_agg(i.name order by i.name) into v_names from audit.invariants() i;
        raise exception using errcode = 'KH001';
    exception
        when sqlstate 'KH001' then
            null;
        when check_violation or unique_violation then
            v_names := '{refused}';
    end;
    return v_names;
end $$;
-- Another value of the same type.
create function pg_temp.other(p_column text, p_type text) returns text language sql as $$
    select case when p_type = 'int2' then format('coalesce(%1$I, 0) + 1', p_column)
                when p_type in ('int4', 'int8') then format('coalesce(%1$I, 0) + 1000', p_column)
                when p_type = 'text' then format('coalesce(%1$I, %2$L) || %2$L', p_column, 'x')
                when p_type = 'bytea' then format('coalesce(set_byte(%1$I, 3, 255 - get_byte(%1$I, 3)), sha256(%2$L))', p_column, 'x')
                when p_type = 'date' then format('%I + 1', p_column)
                when p_type = 'timestamptz' then format('coalesce(%I, %L) + interval %L', p_column, '2026-01-01', '1 second')
                when p_type = 'bool' then format('not %I', p_column) end
$$;
-- Every column of a table that is changed without anybody noticing, but for the ones that are known.
create function pg_temp.unnoticed(p_table text, p_where text, p_known text[]) returns setof text language plpgsql as $$
declare
    v_column record;
    v_names text[];
begin
    for v_column in select a.attname as name, y.typname as type from pg_attribute a join pg_type y on y.oid = a.atttypid
                     where a.attrelid = p_table::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> all (p_known) loop
        v_names := pg_temp.found(format('update %s set %I = %s where %s', p_table, v_column.name, pg_temp.other(v_column.name, v_column.type), p_where));
        if v_names is null then
            return next v_column.name;
        end if;
    end loop;
end $$;

select is_empty('select * from audit.invariants()', 'untouched books are right');
select is_empty($$ select pg_temp.unnoticed('khop.transfer', 'org_id = 100 and seq = 2', '{}') $$, 'every column of a transfer');
select is_empty($$ select pg_temp.unnoticed('khop.transfer', 'org_id = 100 and seq = 4', '{}') $$, 'of one in suspense');
select is_empty($$ select pg_temp.unnoticed('khop.transfer', 'org_id = 100 and seq = 8', '{}') $$, 'of one that gave the second receipt of its charge');
select is_empty($$ select pg_temp.unnoticed('khop.day_total', 'org_id = 100 and credit = 3388', '{}') $$, 'every column of a day''s totals');
select is_empty($$ select pg_temp.unnoticed('khop.org_head', 'org_id = 100', '{open_day}') $$, 'every column of a head but the open day');
select is_empty($$ select pg_temp.unnoticed('khop.charge_due', format('code_no = %s', t.code('B', 3)), '{}') $$, 'every counter and fact of a charge');
select is_empty($$ select pg_temp.unnoticed('khop.charge', format('code_no = %s', t.code('B', 3)), '{label,due_on,token,created_at,created_by,cancelled_by,cancel_reason}') $$,
    'every column of a charge that money depends on');
select is_empty($$ select pg_temp.unnoticed('khop.exception', 'org_id = 100 and seq = 4', '{state,memo,opened_at,pending,proposal}') $$, 'every column of an exception but its memo, its times and who works on it');
select is(pg_temp.found($$ update khop.exception set state = 'dismissed' where org_id = 100 and seq = 4 $$), '{suspense}', 'an exception dismissed while money waits for it');
select is(pg_temp.found($$ update khop.notice set body = 'x' where notice_id = (select coalesce(notice_id, event_id) from khop.transfer where ext_id = '2') $$), '{notice}', 'a raw body');

-- The name of the broken invariant.
select is(pg_temp.found('update khop.transfer set amount = amount + 1 where org_id = 100 and seq = 2'), '{charge_paid,day_total,journal_link}', 'a transfer''s amount');
select is(pg_temp.found('update khop.transfer set booked_on = booked_on - 1 where org_id = 100 and seq = 2'), '{day_total,journal_link}', 'its day');
select is(pg_temp.found('update khop.transfer set debit = 112102 where org_id = 100 and seq = 2'), '{day_total,event_accounts,journal_link}', 'its account');
select is(pg_temp.found('update khop.transfer set reference = ''FT9'' where ext_id = ''2'''), '{journal_link}', 'the bank''s reference');
select is(pg_temp.found('update khop.transfer set balance_after = 1 where ext_id = ''2'''), '{journal_link}', 'the balance the bank told');
select is(pg_temp.found('update khop.transfer set ext_id = ''2b'' where ext_id = ''2'''), '{journal_link}', 'the provider''s id');
select is(pg_temp.found('update khop.receipt set rid = set_byte(rid, 0, 255 - get_byte(rid, 0)) where org_id = 100 and no = 2'), '{journal_link}', 'the address of a receipt');
select is(pg_temp.found('update khop.day_total set amount = amount + 1 where org_id = 100 and credit = 131 and day = ''2026-11-22'''), '{day_total}', 'the total of a day');
select is(pg_temp.found('update khop.charge_due set paid = paid - 1 where org_id = 100 and paid = 1000 and code_no = t.code(''B'', 2)'), '{charge_paid}', 'what a charge has been paid');
select is(pg_temp.found('update khop.charge_due set due = due + 1 where code_no = t.code(''B'', 2)'), '{charge_facts}', 'what it owes');

-- Rows that go, come or change places.
select is(pg_temp.found('delete from khop.transfer where org_id = 100 and seq = 2'), '{charge_paid,day_total,journal_link,receipt_gap,seq_gap}', 'a transfer is gone');
select is(pg_temp.found('delete from khop.transfer where org_id = 100 and seq = 7'), '{charge_paid,day_total,event_exception,journal_link,receipt_gap,seq_gap}', 'a link');
select is(pg_temp.found('delete from khop.transfer where ext_id = ''4'''), '{day_total,event_exception,journal_link,seq_gap}', 'one in suspense');
select is(pg_temp.found('update khop.transfer set receipt_no = null, receipt_year = null, key_no = null, rid = null, previous = null where org_id = 100 and seq = 2'), '{charge_paid,event_receipt,journal_link,receipt_gap}', 'a receipt is gone');
select is(pg_temp.found('update khop.transfer set receipt_no = null, receipt_year = null, key_no = null, rid = null, previous = null where org_id = 100 and receipt_year = 2027'), '{charge_paid,event_receipt,journal_link,receipt_gap,receipt_void}', 'all of a year');
select is(pg_temp.found('update khop.transfer set rid = null where org_id = 100 and seq = 2'), '{refused}', 'half of one');
select is(pg_temp.found('delete from khop.exception where org_id = 100 and seq = 4'), '{event_exception,suspense}', 'an exception is gone');
select is(pg_temp.found('delete from khop.day_total where org_id = 100 and credit = 3388 and day = ''2026-11-22'''), '{day_total,suspense}', 'the total of a day is gone');
select is(pg_temp.found('update khop.transfer set chain = null where org_id = 100 and seq = 4'), '{journal_link}', 'a link is gone');
select is(pg_temp.found('update khop.transfer set chain = null where org_id = 100 and seq = 14'), '{journal_head}', 'the last link is gone');
select is(pg_temp.found('update khop.charge_due set last_seq = null where code_no = t.code(''B'', 2)'), '{charge_paid}', 'the last receipt of a charge is forgotten');
select is(pg_temp.found('update khop.receipt r set previous = null where previous is not null and code_no = t.code(''B'', 1)'), '{charge_paid}', 'the list of receipts is cut');
select is(pg_temp.found('insert into khop.outbox values (0, 1, 100, 99)'), '{outbox}', 'more has been told than has happened');
select is(pg_temp.found('update khop.bucket_head set next_id = 1'), '{bucket_head}', 'ids that would come again');
select is(pg_temp.found('delete from khop.org_head where org_id = 200'), '{journal_head,receipt_gap,seq_gap}', 'a head is gone');
select is(pg_temp.found('delete from khop.charge_due where code_no = t.code(''B'', 2)'), '{charge_facts,charge_paid}', 'a charge is gone');
select is(pg_temp.found('delete from khop.notice where notice_id = (select coalesce(notice_id, event_id) from khop.transfer where ext_id = ''2'')'), '{notice}', 'a raw notice is gone');
select is(pg_temp.found('select 1'), null, 'nothing changed, nothing found');
select is(pg_temp.found('update khop.transfer t set receipt_no = 6, receipt_year = 2027, key_no = 1, rid = substr(sha256(''z''), 1, 16), code_no = t.code(''B'', 2) where org_id = 100 and seq = 4'),
    '{charge_paid,event_exception,event_receipt,journal_link,receipt_gap}', 'a receipt for money in suspense');
select is(pg_temp.found('insert into khop.transfer (bucket, booked_on, org_id, seq, event_id, amount, recorded_at, debit, credit, kind) select bucket, booked_on, org_id, 16, 999, amount, recorded_at, debit, credit, 1 from khop.transfer where org_id = 100 and seq = 1'),
    '{bucket_head,day_total,event_transfer,notice,seq_gap}', 'money without an event');
select is(pg_temp.found('update khop.transfer t set event_id = o.event_id, amount = o.amount from khop.transfer o where t.org_id = 100 and o.org_id = 100 and (t.seq, o.seq) in ((1, 2), (2, 1))'),
    '{event_exception,id_order,journal_link}', 'two transfers change places');
select is(pg_temp.found('update khop.transfer e set body_hash = o.body_hash from khop.transfer o where (e.ext_id, o.ext_id) in ((''1'', ''2''), (''2'', ''1''))'), '{journal_link}', 'two contents change places');

-- What follows an event.
select is((select array_agg(kind order by seq) from khop.transfer where org_id = 100 and seq between 9 and 14), array[3, 4, 5, 6, 3, 7]::int2[], 'rows 9 to 14 are of these kinds');
select is_empty($$ select g.seq || ': ' || c from generate_series(9, 14) g (seq), pg_temp.unnoticed('khop.transfer', format('org_id = 100 and seq = %s', g.seq), '{}') c $$, 'every column of them');
select is_empty($$ select g.seq || ': ' || c from generate_series(9, 14) g (seq), pg_temp.unnoticed('khop.act', format('org_id = 100 and seq = %s', g.seq), '{}') c $$, 'and of what stands beside them');
select is_empty($$ select pg_temp.unnoticed('khop.credit', 'payer_id = 501', '{}') $$, 'every column of a credit');
select is_empty($$ select pg_temp.unnoticed('khop.match', 'first_seq = 9', '{exception_id,action,rule,rule_version,previous,made_at,requested_by,reason,evidence,first_seq}') $$,
    'of a decision: whose it is and what it wrote');
select is(pg_temp.found('update khop.charge_due set adjusted = adjusted - 1 where code_no = t.code(''B'', 5)'), '{charge_adjusted}', 'what moved to a charge');
select is(pg_temp.found('update khop.charge_due set adjusted = 0 where code_no = t.code(''B'', 5)'), '{charge_adjusted}', 'all of it');
select is(pg_temp.found('update khop.credit set amount = amount + 1 where payer_id = 501'), '{credit}', 'a credit');
select is(pg_temp.found('insert into khop.credit values (0, 502, 100, 5)'), '{credit}', 'one out of nothing');
select is(pg_temp.found('delete from khop.credit where payer_id = 501'), '{credit}', 'one is gone');
select is(pg_temp.found('update khop.act set payer_id = 502 where org_id = 100 and seq = 10'), '{credit,journal_link}', 'credit for somebody else');
select is(pg_temp.found('delete from khop.act where org_id = 100 and seq = 10'), '{act,credit,journal_link,match}', 'nobody decided');
select is(pg_temp.found('update khop.match set first_seq = first_seq + 1, last_seq = last_seq + 1 where first_seq = 9'), '{act}', 'another row is said to be its own');
select is(pg_temp.found('delete from khop.match where first_seq = 9'), '{act}', 'the decision is gone');
select is(pg_temp.found('delete from khop.receipt_void where org_id = 100'), '{receipt_void}', 'a void receipt counts again');
select is(pg_temp.found('insert into khop.receipt_void values (0, 100, 2027, 2, ''x'', ''2027-01-06'')'), '{receipt_void}', 'a receipt is void and its money stays');
select is(pg_temp.found('update khop.exception set held = held - 1 where ext_id = ''9'''), '{event_exception,suspense}', 'what is still held');
select is(pg_temp.found('delete from khop.transfer where org_id = 100 and seq = 14'), '{act,charge_adjusted,day_total,event_exception,journal_head,match,receipt_void,seq_gap}', 'the last row');
select is(pg_temp.found('update khop.transfer set of_seq = 9 where org_id = 100 and seq = 14'), '{act,journal_link,receipt_void}', 'another row was taken back');

-- Files of the bank: a line that is a notice's event, one that was settled from the file, and the notice that came after it.
insert into khop.job (bucket, job_id, org_id, kind, format, state, size, created_at, created_by, worker, lease_until, key_hash, request_hash, params)
values (0, 900, 100, 'statement', '', 'running', 4, '2027-01-06', 7, 1, '2027-02-01', sha256('k'), sha256('r'), '{"account": 1001}') \g /dev/null
insert into khop.job_chunk (bucket, job_id, at, org_id, bytes, created_at) values (0, 900, 0, 100, 'file', '2027-01-06') \g /dev/null
select khop.statement_stage(0, 900, 1, '2027-01-06', '{1,2,3}', '{2,3,4}', '{2027-01-05,2027-01-05,2027-01-05}', null, '{1000,50,60}', '{5000,5050,5110}', '{f,t,t}', '{f,f,f}',
    '{"","R2","R3"}', '{memo 1,lost,more}', null, null, null, null, '{}', '{}', '{}'),
    khop.statement_store(0, 900, 1, '2027-01-06 10:00+07', 901, sha256('file'), 4, 'csv', 'generic', '2027-01-05', '2027-01-05', false, 4000, 5110),
    khop.statement_match(0, 900, 1, '2027-01-06 10:00+07', 901),
    khop.statement_heal(0, 900, 1, '2027-01-06 10:00+07', 901, 0, null, array[substr(sha256('a'), 1, 16), substr(sha256('b'), 1, 16), substr(sha256('c'), 1, 16)]),
    khop.statement_review(0, 900, 1, '2027-01-06 10:00+07', 901, false, 1, 2) \g /dev/null
select is(t.outcomes('2027-01-06 11:00+07', '[{"ext":"late","amount":50,"ref":"R2","paid_at":"2027-01-05 08:00+07"}]'), '8r', 'a late notice is its line''s event');
select is((select array_agg(e.rule order by e.line_no) from khop.line_event e where e.account_id = 1001), '{4,9,9}', 'one line is a notice''s, two were settled from the file');
select is_empty('select * from audit.invariants()', 'with files the books are right');
select is_empty($$ select pg_temp.unnoticed('khop.line_event', 'line_no = 1', '{rule,linked_at}') $$, 'every column of a link but its rule');
select is_empty($$ select pg_temp.unnoticed('khop.line_event', 'line_no = 2', '{linked_at}') $$, 'every column of one that was settled from the file');
select is_empty($$ select pg_temp.unnoticed('khop.statement_line', 'line_no = 2', '{second,file_row,by_reference,reversal,memo,codes,hows,counter_name,counter_account,counter_bank,counter_hash}') $$,
    'every column of a line that anything depends on');
select is_empty($$ select pg_temp.unnoticed('khop.healed_line', 'line_no = 2', '{}') $$, 'every column of a healed line');
select is_empty($$ select pg_temp.unnoticed('khop.healed_notice', 'line_no = 2', '{provider,ext_id,body_hash,recorded_at}') $$, 'of a notice that came late: whose it is');
select is_empty($$ select pg_temp.unnoticed('khop.statement_file', 'file_id = 901', '{covered_from,covered_to,covered_until,format,profile,new_lines,stored_at,stored_by,job_id}') $$, 'of a file: what it is and what it says');
select is_empty($$ select pg_temp.unnoticed('khop.statement_row', 'file_id = 901 and place = 2', '{}') $$, 'every column of its rows');
select is(pg_temp.found('update khop.statement_piece set bytes = ''fil3'' where file_id = 901'), '{statement_file}', 'its bytes');
select is(pg_temp.found('delete from khop.line_event where line_no = 2'), '{healed_line,line_event}', 'a link is gone');
select is(pg_temp.found('delete from khop.healed_line where line_no = 2'), '{healed_line,healed_notice}', 'a healed line is gone');
select is(pg_temp.found('update khop.statement_line set balance_after = balance_after + 1 where line_no = 3'), '{balance_gap,healed_line}', 'a balance');
select khop.balance_check('2027-01-06 12:00+07', 900, 100000) \g /dev/null
select is(pg_temp.found('update khop.balance_mark set net = net + 1 where account_id = 1001 and balance = 5110'), '{balance_mark}', 'a balance at which the journal does not end');
select is(pg_temp.found('delete from khop.balance_mark where account_id = 1001 and balance = 5110'), '{balance_mark}', 'one that is forgotten');
select is_empty('select * from audit.invariants()', 'and after all that the books are right again');
select * from finish();
rollback;
