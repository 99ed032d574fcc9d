-- Events of an account, of the days from p_from on, that stand in no file although one must have them: paid before the end of a file's days, two hours before, for
-- what is paid late at night is often booked the next day. The top alarm of the desk: a notice that was forged, or withdrawn. line_no: the line of which it
-- is a second notice, under another id: the same sum on the same reference or with the same balance after it, and that line is another event's. What has been
-- reversed is no event any more.
create or replace function khop.statement_absent(p_bucket int4, p_org_id int8, p_account int8, p_from date) returns table (seq int8, event_id int8,
    direction int2, amount int8,
    provider int2, ext_id text, line_no int8)
language sql stable security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
as $f$
    select t.seq, t.event_id, t.direction, t.amount, t.provider, t.ext_id, d.line_no
      from khop.transfer t
      left join lateral (select 1 as one from khop.line_event e where e.bucket = p_bucket and e.org_id = p_org_id and e.seq = t.seq limit 1) e on true
      left join lateral (
           select l.line_no
             from khop.statement_line l
             join khop.line_event x on x.bucket = p_bucket and x.account_id = p_account and x.line_no = l.line_no
            where e.one is null and l.bucket = p_bucket and l.account_id = p_account
              and l.bank_date between (t.paid_at at time zone interval '7 hours')::date - 3 and (t.paid_at at time zone interval '7 hours')::date + 3
              and l.amount = case t.direction when 1 then t.amount else - t.amount end
              and (l.by_reference and l.reference = t.reference or l.balance_after = t.balance_after)
            order by l.line_no limit 1) d on true
     where t.bucket = p_bucket and t.org_id = p_org_id and t.account_id = p_account and t.kind <= 2 and t.provider < 9 and e.one is null
       and t.seq >= khop.journal_since(p_bucket, p_org_id, (p_from - 4)::timestamp at time zone interval '7 hours')
       and exists (select 1 from khop.statement_file f
                    where f.bucket = p_bucket and f.account_id = p_account and f.covered_from <= (t.paid_at at time zone interval '7 hours')::date
                      and t.paid_at + interval '2 hours' < f.covered_until)
       and not khop.event_reversed(p_bucket, p_org_id, t.seq)
     order by t.seq
$f$;
alter function khop.statement_absent owner to khop_fn_settle;
revoke all on function khop.statement_absent from public;
grant execute on function khop.statement_absent to khop_owner;
comment on function khop.statement_absent is 'Events that must stand in a file and do not';
