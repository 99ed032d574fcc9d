-- A school's fees: a list of pupils, a round with support and ceilings, two people, charges that are issued once, who has paid.
begin;
\ir lib/books.psql
select no_plan();

select khop.token_create('2026-11-01 08:00+07', 900, 100, t.token('principal A'), 17, 'Hiệu trưởng', '2036-01-01') \g /dev/null

-- A job of a kind, as a worker has it. Its lines are staged as the kind would.
create function t.job(org text, n int8, kind text, params jsonb) returns int8 language plpgsql as $$
declare v_row khop.job_row;
begin
    select * into v_row from khop.job_submit(t.token(org), '2026-11-22 08:00+07', n, sha256(convert_to(kind || n, 'UTF8')), kind, '', 0, params::text, false);
    if v_row.rc <> 0 then raise exception 'job_submit: %', v_row.rc; end if;
    perform khop.job_claim('2026-11-22 08:00+07', 10, false);
    return v_row.job_id;
end $$;
-- A cell of a line: '-' when the list has no such column.
create function t.cell(name text, line text, n int4) returns jsonb language sql as
$$ select case when split_part(line, '|', n) = '-' then '{}' else jsonb_build_object(name, nullif(split_part(line, '|', n), '')) end $$;
create function t.list(n int8, params jsonb, variadic p_lines text[]) returns text language plpgsql as $$
declare v_job int8 := t.job('A', n, 'payers', params); v_doc jsonb; v_faults text;
begin
    perform khop.payers_stage(0, v_job, 10, '2026-11-22 08:00+07', array(select g + 1 from generate_subscripts(p_lines, 1) g),
        array(select (jsonb_build_object('ref', split_part(x, '|', 1), 'name', split_part(x, '|', 2)) || t.cell('class', x, 3) || t.cell('household', x, 4)
                     || case when split_part(x, '|', 5) = '-' then '{}' else jsonb_build_object('support', split_part(x, '|', 5)) end)::text from unnest(p_lines) x));
    select string_agg(f.line || ' ' || f.fault, ', ' order by f.line) into v_faults from khop.payers_faults(0, v_job, 10, '2026-11-22 08:00+07', 100) f;
    if v_faults is not null then
        perform khop.job_finish(0, v_job, 10, '2026-11-22 08:00+07', 'failed', null, '{}', null, null, null);
        return v_faults;
    end if;
    select r.doc into v_doc from khop.payers_review(0, v_job, 10, '2026-11-22 08:00+07') r;
    return format('%s new %s changed %s same %s returned %s left', v_doc ->> 'new', v_doc ->> 'changed', v_doc ->> 'same', v_doc ->> 'returned', v_doc ->> 'left');
end $$;
create function t.confirm(n int8) returns text language plpgsql as $$
begin
    perform khop.job_finish(0, n, 10, '2026-11-22 08:00+07', 'waiting', '{}', null, null, null, null);
    perform khop.job_confirm(t.token('A'), '2026-11-22 08:00+07', n);
    perform khop.job_claim('2026-11-22 08:00+07', 10, false);
    perform khop.payers_apply(0, n, 10, '2026-11-22 08:00+07', n * 1000);
    return (select state from khop.job where job_id = n);
end $$;

-- The list.
select is(t.list(1, '{}', '01|Lò Văn An|2A|h1|', '02|Lò Thị Bình|10A|h1|tiền ăn học sinh', '01|Cầm|2A||'), '3 support, 4 twice', 'a number twice and a support that nobody knows are told with their lines');
select is(t.list(2, '{}', '01|Lò Văn An|2A|h1|', '02|Lò Thị Bình|10A|h1|hỗ trợ tiền ăn học sinh BÁN TRÚ', '03|Đinh Đức|2A||', '04|Vàng A Của|2A||'), '4 new 0 changed 0 same 0 returned 0 left', 'a first list is all new');
select is(t.confirm(2), 'done', 'it is saved when somebody has said yes');
select results_eq('select ref, name, class, household from khop.payer order by ref', $$ values ('01', 'Lò Văn An', '2A', 'h1'), ('02', 'Lò Thị Bình', '10A', 'h1'), ('03', 'Đinh Đức', '2A', null), ('04', 'Vàng A Của', '2A', null) $$, 'as it says');
select is(t.list(3, '{"whole": true}', '01|Lò Văn An|2A|h1|', '02|Lò Thị Bình|10A|h1|boarding_food', '03|Đinh Đức|2A||', '04|Vàng A Của|2A||'), '0 new 0 changed 4 same 0 returned 0 left', 'the same again changes nothing');
select is(t.confirm(3), 'done', 'not even when saved');
select is((select count(*) from khop.payer where changed_at = created_at)::int, 4, 'no row was touched');
select is(t.list(4, '{"whole": true}', '01|Lò Văn Anh|3A|-|-', '02|Lò Thị Bình|10A|h1|', '05|Mùa Thị Ê|2A||'), '1 new 2 changed 0 same 0 returned 2 left', 'a whole list says who has left');
select is(t.confirm(4), 'done', 'and that is saved with it');
select results_eq('select ref, name, class, household, left_at is not null from khop.payer order by ref', $$ values ('01', 'Lò Văn Anh', '3A', 'h1', false), ('02', 'Lò Thị Bình', '10A', 'h1', false),
    ('03', 'Đinh Đức', '2A', null, true), ('04', 'Vàng A Của', '2A', null, true), ('05', 'Mùa Thị Ê', '2A', null, false) $$, 'a column that the list does not have says nothing');
select is((select valid_to from khop.payer_support), '2026-11-22'::date, 'support that it no longer names ends');
select is(t.list(5, '{}', '02|Lò Thị Bình|10A|h1|boarding_food', '03|Đinh Đức|2A||', '04|Vàng A Của|2A||'), '0 new 1 changed 0 same 2 returned 0 left', 'who comes back is known');
select is(t.confirm(5), 'done', 'and is not made anew');
select is((select count(*) from khop.payer)::int, 5, 'five in all');
select is((select valid_to from khop.payer_support), null::date, 'support begins again');
select is((select rc from khop.payers_apply(0, 5, 10, '2026-11-22 08:00+07', 7)), -5::int2, 'a job that has ended saves nothing more');

-- The pages about them.
select is((select string_agg(e ->> 'ref', ' ') from khop.payer_list(t.token('A'), '2026-11-22', null, null, false, 0, 50) l, jsonb_array_elements(l.doc::jsonb -> 'items') e), '04 03 05 01 02', '2A before 3A before 10A, by given name');
select is((select string_agg(e ->> 'ref', ' ') from khop.payer_list(t.token('A'), '2026-11-22', null, 'dinh duc', false, 0, 50) l, jsonb_array_elements(l.doc::jsonb -> 'items') e), '03', 'found without marks');
select is((select string_agg((e ->> 'place') || ' ' || (e ->> 'ref'), ', ') from khop.payer_list(t.token('A'), '2026-11-22', null, null, false, 2, 2) l, jsonb_array_elements(l.doc::jsonb -> 'items') e),
    '3 05, 4 01', 'a page begins behind a place');
select is((select l.rc from khop.payer_list(t.token('B'), '2026-11-22', null, null, false, 0, 50) l where l.doc::jsonb -> 'items' = '[]'), 0::int2, 'another organisation sees none of them');
select is((select g.rc from khop.payer_get(t.token('B'), '2026-11-22', (select min(payer_id) from khop.payer)) g), -4::int2, 'nor one of them');

-- A round.
create function t.round(key text, items jsonb, classes text[] default null, round int8 default null, month date default '2026-11-01') returns khop.round language plpgsql as $$
declare v record; v_round khop.round;
begin
    select * into v from khop.round_save(t.token('A'), '2026-11-22 08:10+07', sha256(convert_to(key, 'UTF8')), sha256(convert_to(items::text, 'UTF8')), 7000 + hashtext(key) % 1000, round, 1001,
        'Tiền bán trú ' || to_char(month, 'MM'), month, month + 29, items::text, classes, null);
    v_round.name := v.rc::text;
    if v.rc = 0 then select * into v_round from khop.round r where khop.id_text('rnd', r.round_id) = v.doc::jsonb ->> 'id'; end if;
    return v_round;
end $$;
\set items '[{"label": "Tiền ăn", "kind": "meal", "amount": 600000, "by_class": {"10A": 1000000}}, {"label": "Nước uống", "kind": "water", "amount": 10000}]'
create temp table r as select * from t.round('k1', :'items');
select results_eq('select payers, charges, amount, state from r', $$ values (5, 5, 610000::int8 * 4 + 1010000 - 936000, 'draft') $$, 'a round asks everybody, and the state pays its part');
select results_eq($$ select y.ref, l.label, l.amount from khop.round_line l join khop.payer y using (payer_id) where y.ref in ('01', '02') order by 1, l.place $$,
    $$ values ('01', 'Tiền ăn', 600000::int8), ('01', 'Nước uống', 10000), ('02', 'Tiền ăn', 1000000), ('02', 'Nước uống', 10000), ('02', 'Hỗ trợ tiền ăn học sinh bán trú', -936000) $$, 'as a line below zero');
select is((select round_id from t.round('k1', :'items')), (select round_id from r), 'the same key is the same round');
select is((t.round('k1', '[{"label": "x", "kind": "meal", "amount": 1}]')).name, '-5', 'but not for another');
select is((t.round('k2', :'items', '{9Z}')).name, '-1', 'nobody is in that class');
select is((t.round('k3', :'items', '{10A}', (select round_id from r))).amount, 74000::int8, 'a draft is made anew');
select is((t.round('k4', '[{"label": "Tiền ăn", "kind": "meal", "amount": 500000}]', null, (select round_id from r))).amount, 2000000::int8, 'support covers no more than is asked');
select is((t.round('k5', :'items', null, (select round_id from r))).payers, 5, 'and so on');

create function t.step(fn text, who text, more text default '') returns int2 language plpgsql as $$
declare v int2;
begin
    execute format('select x.rc from khop.%s(t.token(%L), ''2026-11-22 08:20+07'', (select round_id from r)%s) x', fn, who, more) into v;
    return v;
end $$;
select is(t.step('round_approve', 'principal A', $$, null, 500000$$), -5::int2, 'a draft is not approved');
select is(t.step('round_propose', 'principal A'), -7::int2, 'a principal does not propose');
select is(t.step('round_propose', 'B'), -4::int2, 'nor another school');
select is(t.step('round_propose', 'A'), 0::int2, 'the accountant does');
select is((t.round('k6', :'items', null, (select round_id from r))).name, '-5', 'then it is no draft');
select is(t.step('round_return', 'principal A', $$, 'sửa tiền nước'$$), 0::int2, 'it is sent back');
select is((select note from khop.round), 'sửa tiền nước', 'with a note');
insert into khop.fee_ceiling values (0, 1, 100, 'water', 8000, 'NQ 12', '2026-01-01', null, '2026-01-01', 1), (0, 2, 100, 'meal', 500000, 'NQ 1', '2025-01-01', '2025-12-31', '2026-01-01', 1);
select is((select x.doc::jsonb -> 'over_ceiling' from khop.round_get(t.token('A'), '2026-11-22', (select round_id from r)) x),
    '[{"label": "Nước uống", "amount": 10000, "ceiling": 8000, "decision": "NQ 12"}]', 'it goes above a ceiling of that month');
select is(t.step('round_propose', 'A'), 0::int2, 'it is proposed again');
select is(t.step('round_approve', 'A', $$, 'x', 500000$$), -7::int2, 'an accountant does not approve');
select is(t.step('round_approve', 'principal A', $$, '', 500000$$), -1::int2, 'nor the principal without a reason');
select throws_ok($$ update khop.round set state = 'approved', approved_by = proposed_by $$, '23514', null, 'the table itself wants a second person');
select is(t.step('round_approve', 'principal A', $$, 'giá điện tăng', 500000$$), 0::int2, 'with one they do');
select is(t.step('round_approve', 'principal A', $$, 'giá điện tăng', 600000$$), 0::int2, 'twice is the same');

-- Its charges.
create function t.part(job int8, codes int4[]) returns text language sql as $$
    select format('%s %s %s', p.rc, p.done, p.total) from khop.round_issue(0, job, 10, '2026-11-22 08:30+07', 7, codes,
        array(select substr(sha256(convert_to(job || ' ' || c, 'UTF8')), 1, 16) from unnest(codes) c)) p $$;
select t.issue('B', 1003, 'B', 501, 1000) \g /dev/null
select t.job('A', 20, 'round_issue', (select jsonb_build_object('round', round_id) from r)) \g /dev/null
-- One payer has credit: 20000 of it is older money.
select t.outcomes('2026-11-22 08:25+07', '[{"ext":"cr","amount":20000}]'), t.book('2026-11-22 08:26+07', jsonb_build_array(jsonb_build_object('kind', 4, 'from', 3388, 'of', 'cr', 'amount', 20000, 'payer',
    (select payer_id from khop.payer where ref = '04' and org_id = 100))), 'credit') \g /dev/null
select is(t.part(20, array[t.code('B', 500), t.code('B', 501), t.code('B', 502)]), '0 3 5', 'they are issued in parts');
select is((select count(*) from khop.charge where charge_id between 500001 and 500003)::int, 3, 'a place is a charge');
select is((select count(distinct code_no) from khop.round_payer where code_no is not null and code_no <> t.code('B', 501))::int, 3, 'a code that is taken is drawn anew');
select is(t.part(20, array[t.code('B', 600), t.code('B', 601), t.code('B', 602)]), '0 5 5', 'the rest');
select is(t.part(20, array[t.code('B', 700)]), '0 5 5', 'and nothing more');
select is((select format('%s %s', d.adjusted, (select c.amount from khop.credit c where c.payer_id = p.payer_id)) from khop.round_payer p join khop.payer y using (payer_id)
    join khop.charge_due d on d.code_no = p.code_no where y.ref = '04' and p.code_no is not null), '20000 0', 'credit is used at once');
select results_eq($$ select c.amount, c.label, p.name, p.class, d.of_payer, (select sum(l.amount)::int8 from khop.charge_line l where l.charge_id = c.charge_id)
    from khop.charge c join khop.charge_due d using (charge_id) join khop.party p using (charge_id) join khop.payer y on y.payer_id = c.payer_id where y.ref = '02' $$,
    $$ values (74000::int8, 'Tiền bán trú 11', 'Lò Thị Bình', '10A', true, 74000::int8) $$, 'a bill with its lines, whose sum it is');
select is(t.part(19, array[t.code('B', 700)]), '-5  ', 'a job that is not theirs issues nothing');

-- Who has paid.
select t.settle('2026-11-22 09:00+07', jsonb_build_array(jsonb_build_object('ext', 'p1', 'amount', 74000, 'codes', jsonb_build_array(jsonb_build_array('B',
    (select code_no - t.code('B', 0) from khop.round_payer p join khop.payer y using (payer_id) where y.ref = '02')))))) \g /dev/null
select is((select (x.doc::jsonb -> 'sums') - 'amount' from khop.round_get(t.token('A'), '2026-11-22', (select round_id from r)) x),
    '{"payers": 5, "free": 0, "paid": 1, "part": 1, "open": 3, "cancelled": 0, "received": 94000}', 'is told in sums');
select is((select string_agg((e ->> 'ref') || ' ' || (e ->> 'payment'), ', ') from khop.round_payers(t.token('A'), '2026-11-22', (select round_id from r), null, null, null, 3, 5) l,
    jsonb_array_elements(l.doc::jsonb -> 'items') e), '01 open, 02 paid', 'and one by one');
select is((select string_agg(e ->> 'ref', ' ') from khop.round_payers(t.token('A'), '2026-11-22', (select round_id from r), '2A', 'open', null, 0, 2) l,
    jsonb_array_elements(l.doc::jsonb -> 'items') e), '03 05', 'by class and state, a page of them');
select is((select l.rc from khop.round_payers(t.token('B'), '2026-11-22', (select round_id from r), null, null, null, 0, 5) l), -4::int2, 'not to another school');

-- The state pays what it owes a month once, and in nine months of a year.
select is((t.round('k7', :'items')).amount, 610000::int8 * 4 + 1010000, 'a second round of the month gets none of it');
select is((t.round('k8', :'items', '{10A}', null, '2026-12-01')).amount, 74000::int8, 'the next month does');
update khop.support_rate set months = 1 where policy = 'boarding_food';
select is((t.round('k9', :'items', '{10A}', null, '2027-01-01')).amount, 1010000::int8, 'but not when its months are used up');
select is((t.round('k10', :'items', '{10A}', null, '2027-09-01')).amount, 74000::int8, 'a school year begins in September');

-- Cancelling.
select is(t.step('round_cancel', 'A', $$, 'nhầm'$$), 0::int2, 'a round is cancelled');
select results_eq('select cancelled, count(*)::int from khop.charge_due where org_id = 100 group by 1 order by 1', $$ values (false, 2), (true, 3) $$, 'but what has been paid stays, by credit too');
-- Amounts of single pupils. A line: number|name|class|amounts, one an item of p_labels ('' the class's, '-' the list has no such column).
create function t.amounts(n int8, round int8, labels text[], params jsonb, variadic p_lines text[]) returns text language plpgsql as $$
declare v_job int8 := t.job('A', n, 'round_amounts', params || jsonb_build_object('round', round)); v_doc jsonb; v_text text; v_rc int2;
begin
    select b.rc into v_rc from khop.round_amounts_begin(0, v_job, 10, '2026-11-22 08:00+07') b;
    if v_rc <> 0 then
        perform khop.job_finish(0, v_job, 10, '2026-11-22 08:00+07', 'failed', null, '{}', null, null, null);
        return v_rc;
    end if;
    perform khop.round_amounts_stage(0, v_job, 10, '2026-11-22 08:00+07', array(select g + 1 from generate_subscripts(p_lines, 1) g),
        array(select (t.cell('ref', x, 1) || t.cell('name', x, 2) || t.cell('class', x, 3) || jsonb_build_object('amounts',
                      (select jsonb_object_agg(labels[i], nullif(split_part(x, '|', 3 + i), '')::int8) from generate_subscripts(labels, 1) i)))::text from unnest(p_lines) x));
    select string_agg(f.line || ' ' || f.fault, ', ' order by f.line) into v_text from khop.round_amounts_faults(0, v_job, 10, '2026-11-22 08:00+07', 100) f;
    if v_text is not null then
        perform khop.job_finish(0, v_job, 10, '2026-11-22 08:00+07', 'failed', null, '{}', null, null, null);
        return v_text;
    end if;
    select r.doc into v_doc from khop.round_amounts_review(0, v_job, 10, '2026-11-22 08:00+07') r;
    return format('%s of %s own, %s changed, %s same, %s ignored, %s dropped: %s to %s', v_doc ->> 'own', v_doc ->> 'payers', v_doc ->> 'changed', v_doc ->> 'same', v_doc ->> 'ignored',
                  v_doc ->> 'dropped', v_doc ->> 'before', v_doc ->> 'after');
end $$;
create function t.amounts_yes(n int8) returns text language plpgsql as $$
declare v_rc int2;
begin
    perform khop.job_finish(0, n, 10, '2026-11-22 08:00+07', 'waiting', '{}', null, null, null, null);
    perform khop.job_confirm(t.token('A'), '2026-11-22 08:00+07', n);
    perform khop.job_claim('2026-11-22 08:00+07', 10, false);
    select a.rc into v_rc from khop.round_amounts_apply(0, n, 10, '2026-11-22 08:00+07') a;
    if v_rc <> 0 then
        perform khop.job_finish(0, n, 10, '2026-11-22 08:00+07', 'failed', null, '{}', null, null, null);
        return v_rc;
    end if;
    return (select state from khop.job where job_id = n);
end $$;
create function t.asks(round int8) returns text language sql as
$$ select string_agg(y.ref || ' ' || p.amount, ', ' order by y.ref) from khop.round_payer p join khop.payer y using (payer_id) where p.round_id = round $$;
select khop.job_finish(0, 20, 10, '2026-11-22 08:40+07', 'done', null, null, null, null, null) \g /dev/null
update khop.support_rate set months = 9 where policy = 'boarding_food';
create temp table m as select * from t.round('m1', :'items', null, null, '2027-02-01');
select round_id as m from m \gset
select is(t.asks(:m), '01 610000, 02 74000, 03 610000, 04 610000, 05 610000', 'a round by class, 02 with what the state pays');
select is(t.amounts(40, :m, '{Tiền ăn}', '{}', '01|-|-|500000', '|Mùa Thị Ê|2A|0', '02|-|-|950000', '03|||'), '3 of 4 own, 3 changed, 1 same, 0 ignored, 0 dropped: 2800000 to 2050000',
    'by the number, or by name and class; an empty cell is the class''s amount');
select is(t.asks(:m), '01 610000, 02 74000, 03 610000, 04 610000, 05 610000', 'nothing before the yes');
select is(t.amounts_yes(40), 'done', 'saved when somebody has said yes');
select is(t.asks(:m), '01 510000, 02 24000, 03 610000, 04 610000, 05 10000', 'what is left of a bill after what the state pays, and 0 is not asked');
select results_eq(format($$ select l.label, l.amount from khop.round_line l join khop.payer y using (payer_id) where l.round_id = %s and y.ref = '05' $$, :m), $$ values ('Nước uống', 10000::int8) $$, 'no line of nothing');
select is((select x.doc::jsonb -> 'own' from khop.round_get(t.token('A'), '2026-11-22', :m) x), '{"payers": 3, "amount": 1450000, "instead": 2200000}', 'the principal sees how many, how much, and instead of what');
select is((select x.doc::jsonb -> 'items' -> 0 -> 'own' from khop.round_get(t.token('A'), '2026-11-22', :m) x), '{"payers": 3, "amount": 1450000, "instead": 2200000}', 'and of which item');
select is((select string_agg(e ->> 'ref', ' ') from khop.round_payers(t.token('A'), '2026-11-22', :m, null, null, true, 0, 9) l, jsonb_array_elements(l.doc::jsonb -> 'items') e), '05 01 02', 'and who');
select changed_at as was from khop.round where round_id = :m \gset
select is(t.amounts(41, :m, '{Tiền ăn}', '{}', '01|-|-|500000', '|MUA THI E|2a|0', '02|-|-|950000', '03|||'), '3 of 4 own, 0 changed, 4 same, 0 ignored, 0 dropped: 2050000 to 2050000', 'the same again changes nothing');
select is(t.amounts_yes(41), 'done', 'not even when saved');
select is((select changed_at from khop.round where round_id = :m), :'was', 'the round was not touched');
-- Faults.
select t.round('m2', :'items', '{2A}', null, '2027-03-01') \g /dev/null
select round_id as two from khop.round where month = '2027-03-01' \gset
insert into khop.payer (bucket, payer_id, org_id, ref, name, class, created_at, changed_at) values (0, 901, 100, '06', 'Mùa Thị E', '2A', '2026-11-01', '2026-11-01');
select is(t.amounts(42, :two, '{Tiền ăn}', '{}', '99|-|-|1', '01|-|-|1', '03|Đinh Đúc|-|1', '03|-|-|1', '03|-|-|2', '|Ai Đó|2A|1', '|Đinh Đức|9A|1', '06|-|-|1'),
    '2 unknown, 3 not_asked, 5 twice, 6 twice, 7 nobody, 8 nobody, 9 not_asked', 'each line that means nobody, or somebody again (03 as Đúc: names are compared without marks)');
select is(t.amounts(43, :two, '{Tiền ăn}', '{}', '03|Lò Đức|-|1'), '2 other_name', 'a name that is not the number''s');
select is(t.amounts(44, :two, '{Tiền ăn}', '{}', '01|-|-|', '06|-|-|', '03|-|-|5'), '1 of 1 own, 1 changed, 0 same, 2 ignored, 0 dropped: 600000 to 5', 'who is not asked, and of whom it says nothing');
select khop.job_cancel(t.token('A'), '2026-11-22 08:00+07', 44) \g /dev/null
select t.round('m3', :'items', '{2A}', :two, '2027-03-01') \g /dev/null
select is(t.amounts(45, :two, '{Tiền ăn}', '{}', '|Mùa Thị Ê|2A|1'), '2 ambiguous', 'two whom a bank cannot tell apart: nobody is guessed');
select throws_ok($$ select t.amounts(46, -1, '{x}', '{}', '01|-|-|1') $$, 'job_submit: -4', 'no such round');
select is(t.amounts(47, (select round_id from r), '{x}', '{}', '01|-|-|1'), '-1', 'no draft');
-- What is not named stays, in the whole list it goes.
select is(t.amounts(48, :m, '{Nước uống}', '{}', '01|-|-|7000'), '1 of 1 own, 1 changed, 0 same, 0 ignored, 0 dropped: 10000 to 7000', 'another item');
select is(t.amounts_yes(48), 'done', 'is saved');
select is(t.asks(:m), '01 507000, 02 24000, 03 610000, 04 610000, 05 10000', 'beside the first');
select is(t.amounts(49, :m, '{Nước uống}', '{"whole": true}', '01|-|-|8000', '04|-|-|'), '1 of 2 own, 1 changed, 1 same, 0 ignored, 3 dropped: 17000 to 18000', 'the whole list says whose go');
-- Between the look and the yes the round may become another one.
select is((t.round('m4', :'items', '{10A}', :m, '2027-02-01')).payers, 1, 'it asks fewer');
select is(t.amounts_yes(49), '-1', 'then the yes is to something else');
select is((t.round('m5', '[{"label": "Nước", "kind": "water", "amount": 9000}, {"label": "TIEN AN", "kind": "meal", "amount": 600000}]', '{2A,3A,10A}', :m, '2027-02-01')).own_payers, 3,
    'amounts go with their items, by name or, renamed, by place');
select is(t.asks(:m), '01 509000, 02 23000, 03 609000, 04 609000, 05 9000, 06 609000', 'the water was renamed and moved: its own amount went; 1A has none');
select is((t.round('m6', '[{"label": "Nước lọc", "kind": "water", "amount": 9000}, {"label": "Tiền ăn trưa", "kind": "meal", "amount": 600000}]', null, :m, '2027-02-01')).own_payers, 3, 'renamed where they stand');
select is((t.round('m7', '[{"label": "Nước lọc", "kind": "water", "amount": 9000}]', null, :m, '2027-02-01')).own_payers, 0, 'and gone with their item');
select is((t.round('m8', :'items', null, :m, '2027-02-01')).own_payers, 0, 'for good');
-- Ceilings see them, bills have them.
insert into khop.fee_ceiling values (0, 3, 100, 'meal', 2000000, 'NQ 2', '2027-01-01', null, '2026-01-01', 1), (0, 4, 100, 'water', 100000, 'NQ 13', '2027-01-01', null, '2026-01-02', 1);
select is(t.amounts(50, :m, '{Tiền ăn,Nước uống}', '{}', '01|-|-|2000001|0', '03|-|-|0|0', '04|-|-|1000|'), '3 of 3 own, 3 changed, 0 same, 0 ignored, 0 dropped: 1830000 to 2011001', 'two items');
select is(t.amounts_yes(50), 'done', 'saved');
select is((select x.doc::jsonb -> 'over_ceiling' from khop.round_get(t.token('A'), '2026-11-22', :m) x), '[{"label": "Tiền ăn", "amount": 2000001, "ceiling": 2000000, "decision": "NQ 2"}]', 'above a ceiling for one pupil');
update r set round_id = :m;
select is(t.step('round_propose', 'A'), 0::int2, 'proposed');
select is(t.amounts(51, :m, '{Tiền ăn}', '{}', '01|-|-|1'), '-1', 'no list any more');
select is(t.step('round_approve', 'principal A', $$, null, 700000$$), -1::int2, 'approved only with a reason');
select is(t.step('round_approve', 'principal A', $$, 'ăn kiêng', 700000$$), 0::int2, 'which there is');
select t.job('A', 60, 'round_issue', jsonb_build_object('round', :m)) \g /dev/null
select is(t.part(60, array(select t.code('B', 800 + g) from generate_series(1, 9) g)), '0 5 5', 'who is asked nothing has no bill');
select results_eq(format($$ select y.ref, string_agg(l.label || ' ' || l.amount, ', ' order by l.place), c.amount from khop.charge c join khop.payer y using (payer_id) join khop.charge_line l using (charge_id)
    where y.ref in ('01', '04') and c.due_on = '2027-03-02' group by 1, 3 order by 1 $$), $$ values ('01', 'Tiền ăn 2000001', 2000001::int8), ('04', 'Tiền ăn 1000, Nước uống 10000', 11000) $$, 'bills have the lines');
-- One pupil by hand.
create function t.hand(payer int8, data jsonb, version text default null, who text default 'A') returns text language sql as
$$ select concat_ws(' ', s.rc, s.what, s.doc::jsonb ->> 'name') from khop.payer_save(t.token(who), '2026-11-22 10:00+07', 990000 + nextval('t.id'), payer, version, data::text) s $$;
select is(t.hand(null, '{"ref": "10", "name": "Tòng Văn Mười", "class": "1A", "support": [{"policy": "boarding_food", "more_months": 1}]}'), '0 Tòng Văn Mười', 'a pupil is added');
select is(t.hand(null, '{"ref": "10", "name": "Khác"}'), '-5 ref', 'a number once');
select is(t.hand(null, '{"ref": "11", "name": "Khác", "support": [{"policy": "x"}]}'), '-1', 'a support that nobody knows');
select is(t.hand(null, '{"ref": "11", "name": "Khác"}', null, 'principal A'), '-7', 'who approves does not');
select payer_id as ten from khop.payer where ref = '10' \gset
select results_eq(format($$ select name, class, household from khop.payer where payer_id = %s $$, :ten), $$ values ('Tòng Văn Mười', '1A', null) $$, 'as it says');
select results_eq(format($$ select policy, more_months, valid_from, valid_to from khop.payer_support where payer_id = %s $$, :ten), $$ values ('boarding_food', 1, '2026-11-01'::date, null::date) $$, 'with a month more');
update khop.support_rate set months = 1 where policy = 'boarding_food';
create function t.covered(month date) returns int8 language plpgsql as $$
declare v_id int8;
begin
    select (t.round('hand ' || month, '[{"label": "Ăn", "kind": "meal", "amount": 500000}]', '{1A}', null, month)).round_id into v_id;
    update khop.round set state = 'proposed', proposed_by = created_by where round_id = v_id;
    return (select p.amount from khop.round_payer p join khop.payer y using (payer_id) where p.round_id = v_id and y.ref = '10');
end $$;
select results_eq($$ select t.covered(m::date) from unnest(array['2028-01-01', '2028-02-01', '2028-03-01']) m $$, $$ values (0::int8), (0), (500000) $$, 'which is paid, and no month after it');
select x.doc::jsonb ->> 'version' as v1 from khop.payer_get(t.token('A'), '2026-11-22', :ten) x \gset
select is(t.hand(:ten, '{"name": "Tòng Văn Mười"}', :'v1'), '0 Tòng Văn Mười', 'what is so already');
select is((select x.doc::jsonb ->> 'version' from khop.payer_get(t.token('A'), '2026-11-22', :ten) x), :'v1', 'changes nothing');
select is(t.hand(:ten, '{"class": "2B", "household": "h9"}', :'v1'), '0 Tòng Văn Mười', 'what is not said stays');
select is(t.hand(:ten, '{"name": "Ai Đó"}', '17'), '-5 version', 'a version that was overtaken');
select is(t.hand(:ten, '{"name": "Ai Đó"}', null, 'B'), '-4', 'not another school''s');
select results_eq(format($$ select name, class, household from khop.payer where payer_id = %s $$, :ten), $$ values ('Tòng Văn Mười', '2B', 'h9') $$, 'class and household are others');
select is(t.hand(:ten, '{"support": [{"policy": "nursery_lunch"}, {"policy": "boarding_food"}]}'), '0 Tòng Văn Mười', 'support is said again');
select results_eq(format($$ select policy, more_months, valid_to from khop.payer_support where payer_id = %s order by 1 $$, :ten), $$ values ('boarding_food', 1, null::date), ('nursery_lunch', 0, null) $$, 'months that are not said stay');
select is(t.hand(:ten, '{"support": []}'), '0 Tòng Văn Mười', 'and ends');
select is((select count(*) from khop.payer_support where payer_id = :ten and valid_to = '2026-11-22')::int, 2, 'today');
select is(t.hand((select payer_id from khop.payer where ref = '01' and org_id = 100), '{"left": true}'), '0 Lò Văn Anh', 'a pupil leaves');
select is((select count(*) from khop.payer_get(t.token('A'), '2026-11-22', (select payer_id from khop.payer where ref = '01' and org_id = 100)) x, jsonb_array_elements(x.doc::jsonb -> 'charges') c
    where c ->> 'status' = 'issued')::int > 0 and (select left_at is not null from khop.payer where ref = '01' and org_id = 100), true, 'what is owed stays to be seen');
select is(t.hand((select payer_id from khop.payer where ref = '01' and org_id = 100), '{"left": false}'), '0 Lò Văn Anh', 'and comes back');
select is((select left_at from khop.payer where ref = '01' and org_id = 100), null::timestamptz, 'as before');
select is_empty('select * from audit.invariants()', 'the books are right');
select * from finish();
rollback;
