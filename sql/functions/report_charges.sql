-- What is owed (p_open) or has been paid in full: t1 class, t2 payer's name, t3 payer's number, t4 label; n1 code, n2 due date, n3 due, n4 paid,
-- n5 what is missing (of an open one), n6 when it was last paid. By class and given name as people look things up; charges without a payer of
-- the list come behind, by label. p_class, p_label: only these. Sums: n3 to n5. The page goes on after the charge p_after.
-- Payers come in order by key (payer_order), their charges by key, and only as many as the page needs. Charges of one label are read all at once for
-- their page (report_round), unless they are very many.
-- It runs as khop_owner and names the organisation itself: row level security trusts no expression enough to look for it in an index.
create or replace function khop.report_charges(p_bucket int4, p_org_id int8, p_now timestamptz, p_open bool, p_from date, p_to date, p_class text, p_label text,
    p_after int8, p_limit int4) returns setof khop.report_line
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set enable_sort = off
set join_collapse_limit = 1
as $f$
declare
    v_after record; -- the charge p_after
    v_key text[] := '{"","","",""}'; -- the place of its payer
    v_sum khop.report_line;
    v_n int4 := 0;
    v_at_once bool := false;
    c_many constant int4 := 5000; -- reading them again costs what reading all charges of a thousand payers does
    -- accounts that are not the caller's to see: the owner of the tables sees all
    v_hidden constant int8[] := coalesce(string_to_array(nullif(current_setting('khop.hidden', true), ''), ',')::int8[], '{}');
begin
    select c.payer_id, coalesce(c.label, '') as label into v_after
      from khop.charge c where c.bucket = p_bucket and c.org_id = p_org_id and c.charge_id = p_after;
    if v_after.payer_id is not null then
        select array[coalesce(y.class, U&'\FFFF'), y.given, y.name, y.ref] into v_key
          from khop.payer y where y.bucket = p_bucket and y.payer_id = v_after.payer_id;
    end if;
    if p_label is not null then
        v_at_once := p_after = 0 or not exists (
            select from (select c.charge_id from khop.charge c
                          where c.bucket = p_bucket and c.org_id = p_org_id and coalesce(c.label, '') collate "C" between p_label and p_label
                          order by coalesce(c.label, '') collate "C", c.charge_id offset c_many limit 1) c);
    end if;
    if v_at_once then
        return query select r.* from khop.report_round(p_bucket, p_org_id, p_now, p_open, p_from, p_to, p_class, p_label, p_after, v_after.payer_id, v_key, p_limit) r;
        return;
    end if;
    if p_after = 0 then
        v_sum.rc := 0;
        v_sum.what := 1;
        select coalesce(sum(d.due), 0), coalesce(sum(d.paid + d.adjusted), 0), case when p_open then coalesce(sum(d.due - d.paid - d.adjusted), 0) end
          into v_sum.n3, v_sum.n4, v_sum.n5
          from (
               (select c.code_no, c.account_id, c.due_on, c.created_at
                  from khop.charge c
                 where p_class is null and c.bucket = p_bucket and c.org_id = p_org_id
                 order by coalesce(c.label, '') collate "C", c.charge_id) -- an order that only charge_label has
                union all
                select c.code_no, c.account_id, c.due_on, c.created_at
                  from (select y.payer_id from khop.payer y
                         where p_class is not null and y.bucket = p_bucket and y.org_id = p_org_id and coalesce(y.class, '') collate "C" between p_class and p_class
                         order by coalesce(y.class, '') collate "C", y.payer_id) y
                 cross join lateral (select c.* from khop.charge c where c.bucket = p_bucket and c.payer_id = y.payer_id order by c.charge_id) c
                union all
               (select c.code_no, c.account_id, c.due_on, c.created_at
                  from khop.charge c
                  left join lateral (
                       select p.class from khop.party p
                        where p.bucket = p_bucket and p.charge_id = c.charge_id and p.role = 1 and c.payer_id is null limit 1) p on true
                 where p_class is not null and c.bucket = p_bucket and c.org_id = p_org_id and c.payer_id is null and coalesce(p.class, '') = p_class
                 order by coalesce(c.label, '') collate "C", c.charge_id)) c
          join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code_no limit 1) d on true
         where c.account_id <> all (v_hidden) and coalesce(c.due_on, (c.created_at at time zone interval '7 hours')::date) between p_from and p_to
           and khop.report_charge_is(p_open, p_now, d.due, d.paid + d.adjusted, d.direction, d.cancelled, d.expires_at);
        return next v_sum;
    end if;
    if p_after = 0 or v_after.payer_id is not null then
        -- A lateral join can but follow the order of what it joins to.
        return query
        select 0::int2, 0::int2, c.charge_id, 0::int8, y.class, y.name, y.ref, c.label, null::text, c.code_no::int8,
               (c.due_on - date '1970-01-01')::int8, c.due, c.paid, case when p_open then c.due - c.paid end,
               (extract(epoch from c.last_paid_at) * 1000000)::int8, null::int8, null::int8, null::int8
          from (select y.payer_id, y.class, y.name, y.ref from khop.payer y
                 where y.bucket = p_bucket and y.org_id + 0 = p_org_id
                   and (coalesce(y.class, U&'\FFFF') collate khop.vn, y.given, y.name collate khop.vn, y.ref collate "C") >= (v_key[1], v_key[2], v_key[3], v_key[4])
                   and (p_class is null or coalesce(y.class, '') = p_class)
                 order by y.org_id + 0, coalesce(y.class, U&'\FFFF') collate khop.vn, y.given, y.name collate khop.vn, y.ref collate "C") y
         cross join lateral (
               select c.charge_id, c.label, c.code_no, c.due_on, d.due, d.paid + d.adjusted as paid, d.last_paid_at
                 from khop.charge c
                 join lateral (select d.* from khop.charge_due d where d.bucket = p_bucket and d.code_no = c.code_no limit 1) d on true
                where c.bucket = p_bucket and c.payer_id = y.payer_id and c.account_id <> all (v_hidden) and (p_label is null or c.label = p_label)
                  and c.charge_id > case when y.payer_id = v_after.payer_id then p_after else 0 end
                  and khop.report_charge_is(p_open, p_now, d.due, d.paid + d.adjusted, d.direction, d.cancelled, d.expires_at)
                  and coalesce(c.due_on, (c.created_at at time zone interval '7 hours')::date) between p_from and p_to
                order by c.charge_id) c
         limit p_limit;
        get diagnostics v_n = row_count;
    end if;
    if v_n >= p_limit then
        return;
    end if;
    return query
    select 0::int2, 0::int2, c.charge_id, 0::int8, p.class, p.name, p.ref, c.label, null::text, c.code_no::int8,
           (c.due_on - date '1970-01-01')::int8, d.due, d.paid + d.adjusted, case when p_open then d.due - d.paid - d.adjusted end,
           (extract(epoch from d.last_paid_at) * 1000000)::int8, null::int8, null::int8, null::int8
      from khop.charge c
      join lateral (select d.* from khop.charge_due d where c.payer_id is null and d.bucket = p_bucket and d.code_no = c.code_no limit 1) d on true
      left join lateral (select p.* from khop.party p where p.bucket = p_bucket and p.charge_id = c.charge_id and p.role = 1 limit 1) p on true
     where c.bucket = p_bucket and c.org_id = p_org_id and c.payer_id is null and c.account_id <> all (v_hidden)
       and (coalesce(c.label, '') collate "C", c.charge_id) > (
               case when v_after.payer_id is null and p_after > 0 then v_after.label else coalesce(p_label, '') end,
               case when v_after.payer_id is null then p_after else 0 end)
       and coalesce(c.label, '') collate "C" <= coalesce(p_label, E'\U0010FFFF') and (p_label is null or c.label = p_label)
       and khop.report_charge_is(p_open, p_now, d.due, d.paid + d.adjusted, d.direction, d.cancelled, d.expires_at)
       and coalesce(c.due_on, (c.created_at at time zone interval '7 hours')::date) between p_from and p_to
       and (p_class is null or coalesce(p.class, '') = p_class)
     order by coalesce(c.label, '') collate "C", c.charge_id limit p_limit - v_n;
end $f$;
alter function khop.report_charges owner to khop_owner;
revoke all on function khop.report_charges from public;
grant execute on function khop.report_charges to khop_fn_org;
comment on function khop.report_charges is 'What an organisation is owed, or has been paid, by class and name';
