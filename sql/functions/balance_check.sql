-- Goes on along the journals (p_limit rows of each) and keeps the marks of the running balances; opens an item for a gap that has stayed p_wait seconds, for
-- notices may overtake one another, and closes it when the missing notice, or the line of a statement, has come. An item that a person has dismissed stays so. Run by the
-- jobs process, never while money is settled; who finds an organisation at work leaves it alone.
create or replace function khop.balance_check(p_now timestamptz, p_wait int4, p_limit int4)
returns table (looked int8, opened int4, closed int4, more bool)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    v_org record;
    c khop.balance_cursor;
    v_to int8;
    v_account int8;
    v_exception int8;
    v_accounts int8[];
    g record;
begin
    looked := 0;
    opened := 0;
    closed := 0;
    more := false;
    for v_org in select h.bucket, h.org_id, h.next_seq
                   from (select * from khop.org_head h order by h.bucket, h.org_id offset 0) h
                   left join lateral (select x.* from khop.balance_cursor x where x.bucket = h.bucket and x.org_id = h.org_id limit 1) x on true
                  where coalesce(x.next_seq, 1) < h.next_seq or x.due_at <= p_now loop
        insert into khop.balance_cursor (bucket, org_id, from_seq, next_seq) values (v_org.bucket, v_org.org_id, 1, 1) on conflict do nothing;
        select x.* into c from khop.balance_cursor x where x.bucket = v_org.bucket and x.org_id = v_org.org_id for update skip locked;
        continue when not found;
        v_to := least(v_org.next_seq, c.next_seq + p_limit);
        more := more or v_to < v_org.next_seq;
        looked := looked + v_to - c.next_seq;
        insert into khop.balance_mark as m (bucket, account_id, balance, org_id, net, from_seq, from_at, to_seq, to_at, since)
        select c.bucket, s.account_id, s.balance, c.org_id, s.net, s.from_seq, s.from_at, s.to_seq, s.to_at, p_now
          from (select s.account_id, s.balance, sum(s.change)::int4 as net, max(s.seq) filter (where s.change < 0) as from_seq,
                       max(s.at) filter (where s.change < 0) as from_at, max(s.seq) filter (where s.change > 0) as to_seq, max(s.at) filter (where s.change > 0) as to_at
                  from khop.balance_steps(c.bucket, c.org_id, c.from_seq, c.next_seq, v_to) s group by s.account_id, s.balance) s
        on conflict (bucket, account_id, balance) do update
           set net = m.net + excluded.net, from_seq = greatest(m.from_seq, excluded.from_seq), from_at = greatest(m.from_at, excluded.from_at),
               to_seq = greatest(m.to_seq, excluded.to_seq), to_at = greatest(m.to_at, excluded.to_at), since = excluded.since;

        -- Balances that were even before and are even now say nothing.
        v_accounts := array(select a.account_id from khop.account a where a.org_id = c.org_id order by a.account_id);
        foreach v_account in array v_accounts loop
            for g in select m.balance, m.exception_id, y.balance as still, y.before_balance, y.before_seq, y.after_seq, y.since, n.before_balance as told, x.state
                       from khop.balance_mark m
                       left join khop.balance_gaps(c.bucket, c.org_id, v_account) y on y.balance = m.balance
                       left join lateral (
                            select n.before_balance from khop.balance_gap n where n.bucket = c.bucket and n.exception_id = m.exception_id limit 1) n on true
                       left join lateral (select x.state from khop.exception x where x.bucket = c.bucket and x.exception_id = m.exception_id limit 1) x on true
                      where m.bucket = c.bucket and m.account_id = v_account and (m.exception_id is not null or y.balance is not null) loop
                if g.exception_id is not null and (g.still is null or g.before_balance <> g.told and g.state in ('open', 'proposed')) then
                    update khop.exception x set state = 'self_resolved'
                     where x.bucket = c.bucket and x.exception_id = g.exception_id and x.state in ('open', 'proposed');
                    closed := closed + 1;
                    update khop.balance_mark m set exception_id = null where m.bucket = c.bucket and m.account_id = v_account and m.balance = g.balance;
                    g.exception_id := null;
                end if;
                if g.still is not null and g.exception_id is null and g.since + p_wait * interval '1 second' <= p_now then
                    v_exception := khop.exception_open(c.bucket, c.org_id, p_now, v_account, 'balance_gap',
                        case when g.balance > g.before_balance then 1 else 2 end::int2, abs(g.balance - g.before_balance), null, null, null);
                    insert into khop.balance_gap (bucket, exception_id, org_id, account_id, before_seq, after_seq, before_balance, after_balance)
                    values (c.bucket, v_exception, c.org_id, v_account, g.before_seq, g.after_seq, g.before_balance, g.balance);
                    update khop.balance_mark m set exception_id = v_exception where m.bucket = c.bucket and m.account_id = v_account and m.balance = g.balance;
                    opened := opened + 1;
                end if;
            end loop;
        end loop;
        delete from khop.balance_mark m
         where m.bucket = c.bucket and m.account_id = any (v_accounts) and m.net = 0 and m.exception_id is null;
        update khop.balance_cursor x
           set next_seq = v_to,
               due_at = (select min(y.since) + p_wait * interval '1 second'
                           from unnest(v_accounts) a (id) cross join lateral khop.balance_gaps(c.bucket, c.org_id, a.id) y where y.exception_id is null)
         where x.bucket = c.bucket and x.org_id = c.org_id;
    end loop;
    return next;
end $f$;
alter function khop.balance_check owner to khop_fn_settle;
revoke all on function khop.balance_check from public;
grant execute on function khop.balance_check to khop_jobs;
comment on function khop.balance_check is 'Looks for breaks in the running balance of notices';
