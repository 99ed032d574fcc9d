-- What stands in the way of closing the days from p_from to p_day of an organisation whose head the caller holds. hard: cannot be passed over (the books do
-- not agree with themselves, or a rule is still at work); else a second person may, with a reason.
create or replace function khop.close_faults(p_bucket int4, p_org_id int8, p_from date, p_day date, p_now timestamptz)
returns table (name text, detail text, hard bool)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $f$
#variable_conflict use_column
declare
    h khop.org_head;
begin
    select * into h from khop.org_head x where x.bucket = p_bucket and x.org_id = p_org_id;
    return query
    select i.name, i.detail, true
      from khop.invariants_since(array[p_bucket], array[p_org_id], array[h.next_seq - 1], array[h.chain], array[h.receipt_year], array[(h.next_receipt - 1)::int4]) i
    union all
    select 'suspense', format('account %s holds %s, open exceptions %s', s.account, s.net, s.held), true
      from (select a.account, coalesce((select sum(khop.book_sign(t.debit, t.credit, 3388, 1388) * t.amount) from khop.day_total t
                                        where t.bucket = p_bucket and t.org_id = p_org_id and (t.debit = a.account or t.credit = a.account)), 0)::int8 as net,
                   coalesce((select sum(x.held) from khop.exception x
                              where x.bucket = p_bucket and x.org_id = p_org_id and x.state in ('open', 'proposed') and x.direction = a.direction
                                 and x.held > 0), 0)::int8 as held
              from (values (3388, 1), (1388, 2)) a (account, direction)) s
     where s.net <> s.held
    union all
    select 'statement_unread', format('%s statement files are being read', count(*)), false
      from khop.job j
     where j.state in ('queued', 'running') and j.kind = 'statement' and j.bucket = p_bucket and j.org_id = p_org_id having count(*) > 0
    union all
    select 'balance_gap', format('account %s: %s breaks in the running balance of its statements', a.account_no, count(*)), false
      from khop.account a
     cross join lateral khop.statement_gaps(p_bucket, a.account_id, greatest(p_from, p_day - 366), p_day) g
     where a.org_id = p_org_id group by a.account_no
    union all
    select 'notice_gap', format('account %s: %s breaks in the running balance of its notices', a.account_no, count(*)), false
      from khop.account a
     cross join lateral khop.balance_gaps(p_bucket, p_org_id, a.account_id) g
      join lateral (select t.booked_on from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = g.after_seq limit 1) t on true
      left join lateral (select x.state from khop.exception x where x.bucket = p_bucket and x.exception_id = g.exception_id limit 1) x on true
     where a.org_id = p_org_id and t.booked_on between p_from and p_day and x.state is distinct from 'dismissed' group by a.account_no
    union all
    select 'allocation_pending', format('%s payments are about to be placed', count(*)), true
      from khop.exception x where x.bucket = p_bucket and x.pending and x.org_id = p_org_id having count(*) > 0;
end $f$;
alter function khop.close_faults owner to khop_fn_settle;
revoke all on function khop.close_faults from public;
grant execute on function khop.close_faults to khop_fn_org;
comment on function khop.close_faults is 'What stands in the way of closing a day';
