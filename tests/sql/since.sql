-- The hourly invariants: all of the books at first, then what came since; what is marked is not read again, what is new is, as
-- thoroughly; once a day, and after a finding, all of it.
begin;
\ir lib/books.psql
select plan(44);

create function pg_temp.hourly(p_now timestamptz) returns text[] language sql volatile as $$
    select array_agg(coalesce(i.name, '= ' || i.detail) order by i.name nulls last) from khop.invariants(p_now) i $$;
select t.issue('A', 1001, 'B', g, 1000) from generate_series(1, 9) g \g /dev/null
select t.issue('B', 1003, 'B', 20, 500) \g /dev/null

select is(pg_temp.hourly('2026-11-22 07:00+07'), '{= all}', 'empty books');
select t.settle('2026-11-22 08:00+07', '[{"ext":"1","amount":1000,"codes":[["B",1]],"ref":"FT1"},{"ext":"2","amount":7},{"ext":"3","amount":1000,"codes":[["B",2]]},{"ext":"4","amount":500,"account":1003,"codes":[["B",20]]}]') \g /dev/null
select is(pg_temp.hourly('2026-11-22 08:00+07'), '{= all}', 'the first time: all');
select is((select array_agg(format('%s %s', seq, receipt_no) order by seq) from khop.verified), '{1 1,3 2}', 'marked');
select is(pg_temp.hourly('2026-11-22 09:00+07'), '{= 0 transfers since the last time}', 'nothing new');
select t.settle('2026-11-22 09:10+07', '[{"ext":"5","amount":1000,"codes":[["B",3]],"ref":"FT5"},{"ext":"6","amount":8}]') \g /dev/null
select t.settle('2026-11-22 09:11+07', '[{"ext":"7","amount":400,"codes":[["B",4]]},{"ext":"8","amount":9,"dir":2}]') \g /dev/null
select t.settle('2027-01-02 09:11+07', '[{"ext":"9","amount":600,"codes":[["B",4]]}]') \g /dev/null

-- Runs a change, asks, undoes the change.
create function pg_temp.found(p_change text) returns text[] language plpgsql as $$
declare
    v_names text[];
begin
    begin
        execute p_change;
        select array_agg(i.name order by i.name) into v_names from khop.invariants('2026-11-22 10:00+07') i where i.name is not null;
        raise exception using errcode = 'KH001';
    exception when sqlstate 'KH001' then
        null;
    end;
    return v_names;
end $$;
select is(pg_temp.found('select 1'), null, 'new rows are right');
create function pg_temp.org() returns int8 language sql as $$ select org_id from khop.org where code = 'SL-A' $$;
-- Every column of the newest rows of the journal.
select ok(pg_temp.found(format('update khop.transfer set %I = %s where org_id = pg_temp.org() and ext_id = %L', a.attname,
        case y.typname when 'text' then format('%I || %L', a.attname, 'x') when 'bytea' then format('set_byte(%1$I, 3, 255 - get_byte(%1$I, 3))', a.attname)
                       when 'date' then format('%I + 1', a.attname) when 'timestamptz' then format('%I + interval %L', a.attname, '1 second')
                       when 'int2' then format('%I + 1', a.attname) else format('%I + 100000', a.attname) end, case when a.attname = 'chain' then '6' else '5' end)) is not null, 'transfer.' || a.attname)
  from pg_attribute a join pg_type y on y.oid = a.atttypid
 where a.attrelid = 'khop.transfer'::regclass and a.attnum > 0 and not a.attisdropped
   and a.attname not in ('bucket', 'org_id', 'notice_id', 'of_seq', 'previous', 'balance_after') order by a.attnum;
select is(pg_temp.found('update khop.receipt set rid = set_byte(rid, 0, 255 - get_byte(rid, 0)) where no = 3'), '{journal_link}', 'the rid of a new receipt');
select is(pg_temp.found('update khop.receipt set key_no = 2 where no = 3'), '{journal_link}', 'its key');
select is(pg_temp.found('update khop.receipt set no = 9 where no = 3'), '{journal_link,receipt_gap}', 'its number');
select is(pg_temp.found('update khop.transfer set receipt_no = null, receipt_year = null, key_no = null, rid = null where receipt_no = 3'), '{event_receipt,journal_link,receipt_gap}', 'a receipt that is gone');
select is(pg_temp.found('delete from khop.transfer where ext_id = ''7'''), '{day_total,journal_link,seq_gap}', 'a transfer that is gone');
select is(pg_temp.found('update khop.org_head set next_seq = next_seq + 1 where org_id = pg_temp.org()'), '{journal_head,seq_gap}', 'a head that went ahead');
select is(pg_temp.found('update khop.org_head set next_receipt = next_receipt + 1 where org_id = pg_temp.org()'), '{receipt_gap}', 'its receipt');
select is(pg_temp.found('update khop.day_total set amount = amount + 1 where org_id = pg_temp.org() and credit = 131 and day = ''2026-11-22'''), '{day_total}', 'a total');
select is(pg_temp.found('update khop.notice set body = ''x'' where notice_id = (select event_id from khop.transfer where ext_id = ''6'')'), '{notice}', 'a raw notice');
select is(pg_temp.found('update khop.transfer set chain = set_byte(chain, 0, 255 - get_byte(chain, 0)) where ext_id = ''3'''), '{journal_mark}', 'the marked link');
select is(pg_temp.found('update khop.transfer set reference = ''x'' where ext_id = ''1'''), null, 'what was verified before is left alone');
select is(pg_temp.hourly('2026-11-22 10:00+07'), '{= 5 transfers since the last time}', 'new rows are marked in turn');
select is((select array_agg(format('%s %s %s', seq, receipt_year, receipt_no) order by seq) from khop.verified), '{"1 2026 1","8 2027 1"}', 'up to the head');
update khop.transfer set reference = 'x' where ext_id = '1';
select is(pg_temp.hourly('2026-11-23 07:59+07'), '{= 0 transfers since the last time}', 'not a day yet');
select is(pg_temp.hourly('2026-11-23 08:00+07'), '{journal_link,= all}', 'once a day all of it');
select is(pg_temp.hourly('2026-11-23 08:01+07'), '{journal_link,= all}', 'and again as long as something is broken');
select * from finish();
rollback;
