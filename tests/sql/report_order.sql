-- What is owed and what has been paid, as a list that goes on: the order of names, each page boundary, the sums; beside a plain query that sorts.
begin;
\ir lib/books.psql
select plan(44);

-- Payers of many classes and names: tones, letters beyond the alphabet of English, numbers in classes, the same name twice, none in a class of
-- their own, classes of other scripts, and blanks at the end of a name.
create temp table person (n int4, ref text, name text, class text);
insert into person (ref, name, class) values
    ('04', 'Lò Văn Đông', '2A'), ('02', 'Lò Thị Ánh', '10A'), ('03', 'Quàng Thị Ăn', '2A'), ('01', 'Nguyễn Văn An', '2A'), ('05', 'Vừ A Dế', null),
    ('07', 'Nguyễn Văn An', '2A'), ('06', 'Nguyễn Văn An', '2A'), ('08', 'Trần Thị An', '2A'), ('09', 'Ân', '2A'), ('10', 'Ứng', null), ('11', 'Nguyễn Thị Thuý ', '1B'),
    ('12', 'Nguyễn Thị Thúy', '1B'), ('13', 'Nguyễn Thị Thủy', '1B'), ('14', 'Đinh Yến', 'Đ1'), ('15', 'D', 'D1'), ('16', 'Ý', 'E1'), ('17', 'X', '中'), ('18', 'Y', U&'\+10FFFD'),
    ('19', 'Z', '🎓'), ('20', 'Lê Hường', '10a'), ('21', 'Lê Hương', '10A'), ('22', 'Lê Hưởng', '10 A'), ('23', 'W', 'ῼ'), ('24', 'V', 'zzzz'), ('25', 'Ông', null), ('26', 'ông', null),
    ('27', 'Vừ A Dế', '02A'), ('28', 'Nobody Owes', '3A') \g /dev/null
update person set n = ref::int4 \g /dev/null
insert into khop.payer (bucket, payer_id, org_id, ref, name, class, created_at, changed_at)
select 0, 900 - n * 17 % 101, 100, ref, name, class, '2026-09-01', '2026-09-01' from person \g /dev/null

-- Each of them but one has three bills, of three labels; twelve charges belong to nobody of the list, some of a class; two have no label.
select count(t.issue('A', case when g % 7 = 0 then 1002 else 1001 end, 'B', g, 100 + g)) from generate_series(1, 93) g \g /dev/null
update khop.charge c set payer_id = 900 - (g % 27 + 1) * 17 % 101 from generate_series(1, 81) g where c.bucket = 0 and c.charge_id = t.code('B', g) \g /dev/null
update khop.charge c set label = (array['sach', 'tien an', 'ban tru'])[1 + (c.charge_id / 4 % 3)] where c.bucket = 0 and c.org_id = 100 \g /dev/null
update khop.charge c set label = null where c.bucket = 0 and c.charge_id in (t.code('B', 83), t.code('B', 90), t.code('B', 7)) \g /dev/null
update khop.party p set class = '2A', name = 'Lò Văn Aa' where p.bucket = 0 and p.charge_id in (t.code('B', 84), t.code('B', 89)) \g /dev/null
delete from khop.party where bucket = 0 and charge_id = t.code('B', 92) \g /dev/null
-- Paid: a third; in part: a few; others are cancelled, expired or due at some time.
select t.settle('2026-11-20 09:00+07', jsonb_agg(jsonb_build_object('ext', 'x' || g, 'account', case when g % 7 = 0 then 1002 else 1001 end, 'amount', case when g % 4 = 0 then 1 else 0 end * -7 + 100 + g,
    'codes', jsonb_build_array(jsonb_build_array('B', g))))) from generate_series(1, 93, 3) g \g /dev/null
update khop.charge_due set paid = 5, last_paid_at = '2026-11-20' where bucket = 0 and code_no in (t.code('B', 5), t.code('B', 86)) \g /dev/null
update khop.charge_due set cancelled = true where bucket = 0 and code_no in (t.code('B', 11), t.code('B', 87)) \g /dev/null
update khop.charge_due set expires_at = '2026-11-21' where bucket = 0 and code_no = t.code('B', 14) \g /dev/null
update khop.charge set due_on = '2026-12-05' where bucket = 0 and charge_id in (t.code('B', 6), t.code('B', 8), t.code('B', 91)) \g /dev/null

-- The list, and the same asked for plainly.
create function pg_temp.list(p_name text, p_filter jsonb, p_after int8, p_limit int4) returns setof khop.report_line language sql as
$$ select * from khop.report_show(t.token('A'), '2026-11-23 08:00+07', p_name, p_filter::text, p_after, 0, p_limit) $$;
create function pg_temp.plain(p_name text, p_filter jsonb) returns table (o int8, line khop.report_line) language sql as $$
    select row_number() over (order by y.payer_id is null, y.class collate khop.vn nulls last, substring(y.name from '\S+\s*$') collate khop.vn, y.name collate khop.vn, y.ref collate "C",
               case when y.payer_id is null then coalesce(c.label, '') end collate "C", c.charge_id),
           (0, 0, c.charge_id, 0, coalesce(y.class, p.class), coalesce(y.name, p.name), coalesce(y.ref, p.ref), c.label, null, c.code_no, c.due_on - date '1970-01-01', d.due, d.paid + d.adjusted,
            case p_name when 'unpaid' then d.due - d.paid - d.adjusted end, (extract(epoch from d.last_paid_at) * 1000000)::int8, null, null, null)::khop.report_line
      from khop.charge c join khop.charge_due d using (bucket, code_no)
      left join khop.payer y on y.bucket = c.bucket and y.payer_id = c.payer_id
      left join khop.party p on p.bucket = c.bucket and p.charge_id = c.charge_id and p.role = 1 and c.payer_id is null
     where c.org_id = 100 and d.direction = 1 and (case p_name when 'unpaid' then d.paid + d.adjusted < d.due and not d.cancelled and (d.expires_at is null or d.expires_at > '2026-11-23 08:00+07')
                                                               else d.paid + d.adjusted >= d.due end)
       and (p_filter ->> 'class' is null or coalesce(y.class, p.class, '') = p_filter ->> 'class') and (p_filter ->> 'label' is null or c.label = p_filter ->> 'label')
       and coalesce(c.due_on, (c.created_at at time zone '+07')::date) between coalesce((p_filter ->> 'from')::date, '1970-01-01') and coalesce((p_filter ->> 'to')::date, '9999-12-30')
$$;
-- All pages of p_limit, each asked for behind the last row of the one before.
create function pg_temp.pages(p_name text, p_filter jsonb, p_limit int4) returns setof khop.report_line language plpgsql as $$
declare
    v_after int8 := 0;
    v_line khop.report_line;
    v_n int4;
begin
    for page in 1 .. 200 loop
        v_n := 0;
        for v_line in select * from pg_temp.list(p_name, p_filter, v_after, p_limit) loop
            continue when v_line.what = 1 and v_after = 0 and v_n = 0;
            return next v_line;
            v_n := v_n + 1;
            v_after := v_line.after_a;
        end loop;
        exit when v_n < p_limit;
    end loop;
end $$;
create temp table asked (name text, filter jsonb, rows int4);
insert into asked values ('unpaid', '{}', 67), ('paid', '{}', 23), ('unpaid', '{"label":"sach"}', 20), ('paid', '{"label":"tien an"}', 8), ('unpaid', '{"class":"2A"}', 20), ('unpaid', '{"class":""}', 14),
    ('unpaid', '{"class":"2A","label":"ban tru"}', 9), ('unpaid', '{"from":"2026-12-01"}', 2), ('unpaid', '{"label":"none"}', 0), ('paid', '{"class":"1B","to":"2026-11-30"}', 2), ('unpaid', '{"class":"3A"}', 0) \g /dev/null
select is((select count(*) from pg_temp.plain(name, filter))::int4, rows, format('%s %s has so many', name, filter)) from asked;
select results_eq(format('select r from pg_temp.pages(%L, %L, %s) r', name, filter, n), format('select line from pg_temp.plain(%L, %L) order by o', name, filter), format('%s %s by pages of %s', name, filter, n))
  from asked, unnest(array[1, 4]) n where rows > 5 or n = 4;
select is((select array[l.n3, l.n4, l.n5] from pg_temp.list(name, filter, 0, 0) l where what = 1),
    (select array[coalesce(sum((line).n3), 0), coalesce(sum((line).n4), 0), case name when 'unpaid' then coalesce(sum((line).n5), 0) end]::int8[] from pg_temp.plain(name, filter)), format('%s %s: sums', name, filter)) from asked;

-- A label of so many charges that its pages are not read all at once: 5,100, every ninth of nobody on the list.
with made as (
    insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, token, created_at, created_by, payer_id)
    select 0, t.code('B', 20000 + g * 7 % 5101), 100, 1001, t.code('B', 20000 + g * 7 % 5101), 'B', 10 + g, 'rất nhiều', substr(sha256(convert_to('many' || g, 'UTF8')), 1, 16), '2026-11-02', 1,
           case when g % 9 > 0 then 900 - (1 + g % 28) * 17 % 101 end
      from generate_series(1, 5100) g returning *)
insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, direction, paid)
select bucket, code_no, charge_id, org_id, account_id, amount, 1, case when charge_id % 3 = 0 then amount else 0 end from made;
select is((select count(*) from pg_temp.plain('unpaid', '{"label":"rất nhiều"}'))::int, 3400, 'a label of very many');
select results_eq($$ select r from pg_temp.pages('unpaid', '{"label":"rất nhiều"}', 700) r $$, $$ select line from pg_temp.plain('unpaid', '{"label":"rất nhiều"}') order by o $$, 'by pages');
select results_eq($$ select r from pg_temp.pages('paid', '{"label":"rất nhiều","class":"2A"}', 50) r $$, $$ select line from pg_temp.plain('paid', '{"label":"rất nhiều","class":"2A"}') order by o $$, 'of a class');
select results_eq($$ select r from pg_temp.pages('unpaid', '{}', 900) r $$, $$ select line from pg_temp.plain('unpaid', '{}') order by o $$, 'among all labels');
select * from finish();
rollback;
