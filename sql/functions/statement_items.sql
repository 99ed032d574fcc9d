-- Opens items for what is wrong between files and books around these days, once for each line or event, and closes those whose line has come. The caller holds the
-- locks of the books. An item that a person has dismissed stays so.
create or replace function khop.statement_items(p_bucket int4, p_org_id int8, p_account int8, p_from date, p_to date, p_now timestamptz) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
#variable_conflict use_column
declare
    v_base int8;
    v_n int4;
    n record;
begin
    select array_agg(x.reason order by x.reason, x.about) as reason, array_agg(x.about order by x.reason, x.about) as about,
           array_agg(x.before_line order by x.reason, x.about) as before_line, array_agg(x.amount order by x.reason, x.about) as amount,
           array_agg(x.direction order by x.reason, x.about) as direction, array_agg(x.provider order by x.reason, x.about) as provider,
           array_agg(x.ext_id order by x.reason, x.about) as ext_id, count(*)::int4 as count
      into n
      from (select 1::int2 as reason, g.line_no as about, g.before_line, abs(g.difference) as amount, case
          when g.difference > 0 then 1 else 2 end::int2 as direction,
                   9::int2 as provider, null::text as ext_id
              from khop.statement_gaps(p_bucket, p_account, p_from, p_to) g
            union all
            select case when a.line_no is null then 2 else 4 end::int2, a.seq, a.line_no, a.amount, a.direction, a.provider, a.ext_id
              from khop.statement_absent(p_bucket, p_org_id, p_account, p_from) a
             where not exists (select 1 from khop.statement_item i
                                where i.bucket = p_bucket and i.account_id = p_account and i.reason in (2, 4) and i.about = a.seq)
            union all
            select 3::int2, l.line_no, null, abs(abs(l.amount) - t.amount), t.direction, t.provider, t.ext_id
              from khop.line_event e -- a handful: they have an index of their own
              join lateral (
                   select l.* from khop.statement_line l where l.bucket = p_bucket and l.account_id = p_account and l.line_no between e.line_no and e.line_no
                    order by l.line_no limit 1) l on l.bank_date between p_from and p_to
              join lateral (
                   select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq between e.seq and e.seq
                    order by t.seq limit 1) t on true
             where e.bucket = p_bucket and e.account_id = p_account and e.rule = 6) x
     where not exists (select 1 from khop.statement_item i where i.bucket = p_bucket and i.account_id = p_account and i.reason = x.reason and i.about = x.about);
    if n.count > 0 then
        update khop.bucket_head b set next_id = b.next_id + n.count where b.bucket = p_bucket returning b.next_id - n.count into v_base;
        insert into khop.exception (bucket, exception_id, org_id, account_id, provider, direction, reason, held, amount, ext_id, opened_at)
        select p_bucket, v_base + x.o - 1, p_org_id, p_account, x.provider, x.direction,
               (array['balance_gap', 'not_on_statement', 'amount_conflict', 'duplicate_notice'])[x.reason], 0,
               x.amount, x.ext_id, p_now
          from unnest(n.reason, n.amount, n.direction, n.provider, n.ext_id) with ordinality x (reason, amount, direction, provider, ext_id, o);
        insert into khop.statement_item (bucket, account_id, reason, about, org_id, exception_id, before_line)
        select p_bucket, p_account, x.reason, x.about, p_org_id, v_base + x.o - 1, x.before_line
          from unnest(n.reason, n.about, n.before_line) with ordinality x (reason, about, before_line, o);
    end if;

    update khop.exception x set state = 'self_resolved'
      from khop.statement_item i
      left join lateral (select l.bank_date, l.balance_after - l.amount as start from khop.statement_line l
                          where l.bucket = p_bucket and l.account_id = p_account and l.line_no = i.about and i.reason = 1 limit 1) l on true
      left join lateral (select l.bank_date from khop.statement_line l
                          where l.bucket = p_bucket and l.account_id = p_account and l.line_no = i.before_line limit 1) b on true
     where i.bucket = p_bucket and i.account_id = p_account and x.bucket = p_bucket and x.exception_id = i.exception_id and x.state in ('open', 'proposed')
       and case i.reason when 1 then exists (select 1 from khop.statement_line y where y.bucket = p_bucket and y.account_id = p_account
                                                and y.bank_date between b.bank_date and l.bank_date and y.line_no <> i.about and y.balance_after = l.start)
                         when 3 then false
                         else exists (select 1 from khop.line_event e where e.bucket = p_bucket and e.org_id = p_org_id and e.seq = i.about) end;
end $f$;
alter function khop.statement_items owner to khop_fn_settle;
revoke all on function khop.statement_items from public;
comment on function khop.statement_items is 'Opens and closes items about files and books';
