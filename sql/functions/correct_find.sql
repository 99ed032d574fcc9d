-- What an exception of an organisation asks to be corrected, because the bank says otherwise: `what` is NULL when there is nothing of the kind, or when it has been done.
--   absent     seq: an event that stands in no statement that must have it
--   duplicate  seq: an event whose line is another event already (line_no, other: that event)
--   amount     seq: an event with another amount than its line (line_no)
--   taken_back seq: money that went out, which the bank took back; other: the payment that it was, of the exception's account and sum, by reference or code
--   set_off    seq: money in suspense that went out or came; other: what waits in suspense on the other side, of the account and sum, that it gives back, by reference or
--              code, or because the memo of the later one has the reference, or all the words, of the earlier
-- closed: the event stands on a day that is closed.
create or replace function khop.correct_find(p_bucket int4, p_org_id int8, p_exception_id int8,
    out what text, out seq int8, out line_no int8, out other int8, out amount int8, out closed bool)
language plpgsql stable security definer
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
    x khop.exception;
    t khop.transfer;
    o khop.transfer;
    v_memo text;
begin
    select e.* into x from khop.exception e where e.bucket = p_bucket and e.exception_id = p_exception_id and e.org_id = p_org_id;
    if x.state not in ('open', 'proposed') or x.pending then
        return;
    end if;
    if x.seq is null then
        select case i.reason when 2 then 'absent' when 3 then 'amount' when 4 then 'duplicate' end,
               case i.reason when 3 then e.seq else i.about end, case i.reason when 3 then i.about when 4 then i.before_line end
          into what, seq, line_no
          from khop.statement_item i
          left join lateral (
               select e.seq from khop.line_event e
                where i.reason = 3 and e.bucket = p_bucket and e.account_id = i.account_id and e.line_no = i.about and e.rule = 6 limit 1) e on true
         where i.bucket = p_bucket and i.exception_id = p_exception_id and i.reason > 1
         order by i.about desc limit 1;
        select y.* into t from khop.transfer y where y.bucket = p_bucket and y.org_id = p_org_id and y.seq = correct_find.seq;
        if what <> 'amount' and exists (select from khop.line_event e where e.bucket = p_bucket and e.org_id = p_org_id and e.seq = t.seq) then
            what := null;
        end if;
        if what = 'duplicate' then
            select e.seq into other from khop.line_event e where e.bucket = p_bucket and e.account_id = x.account_id and e.line_no = correct_find.line_no;
        end if;
    elsif x.held > 0 and x.held = x.amount then
        select y.* into t from khop.transfer y where y.bucket = p_bucket and y.org_id = p_org_id and y.seq = x.seq;
        -- The latest payment that it can be, of the last 20,000 rows: an account takes back within days.
        v_memo := khop.memo_key(x.memo);
        select y.* into o
          from (select y.* from khop.transfer y
                 where y.bucket = p_bucket and y.org_id = p_org_id and y.seq between t.seq - 20000 and t.seq - 1 order by y.seq desc offset 0) y
         where x.direction = 2 and y.kind = 1 and y.direction = 1 and y.account_id = t.account_id and y.amount = t.amount
           and (nullif(y.reference, '') = t.reference or y.code_no = t.code_no
                or length(y.reference) >= 6 and strpos(v_memo, khop.memo_key(y.reference)) > 0)
           and not khop.event_reversed(p_bucket, p_org_id, y.seq)
           and not exists (select from khop.act a where a.bucket = p_bucket and a.org_id = p_org_id and a.other_seq = y.seq)
         order by y.seq desc limit 1;
        what := 'taken_back';
        if o.seq is null then
            select y.* into o
              from (select e.* from khop.exception e
                     where e.bucket = p_bucket and e.org_id = p_org_id and e.state = 'open' and e.direction = 3 - x.direction and e.held = x.held and not e.pending
                     order by e.exception_id desc limit 1000) e
              join lateral (select y.* from khop.transfer y where y.bucket = p_bucket and y.org_id = p_org_id and y.seq = e.seq limit 1) y
                on y.account_id = t.account_id and y.amount = t.amount
              join lateral (
                   select khop.memo_key(case when y.seq < t.seq then e.memo else x.memo end) as first_memo,
                          khop.memo_key(case when y.seq < t.seq then x.memo else e.memo end) as second_memo,
                          khop.memo_key(case when y.seq < t.seq then y.reference else t.reference end) as first_ref) k
                on y.reference = nullif(t.reference, '') or y.code_no = t.code_no
                   or length(k.first_ref) >= 6 and strpos(k.second_memo, k.first_ref) > 0
                   or length(k.first_memo) between 16 and length(k.second_memo) - 1 and strpos(k.second_memo, k.first_memo) > 0
             order by y.reference is distinct from t.reference, abs(y.seq - t.seq) limit 1;
            what := case when o.seq is not null then 'set_off' end;
        end if;
        seq := t.seq;
        other := o.seq;
    end if;
    if t.seq is null or khop.event_reversed(p_bucket, p_org_id, t.seq) then
        what := null;
    end if;
    amount := t.amount;
    closed := coalesce(o.booked_on, t.booked_on) < (select h.open_day from khop.org_head h where h.bucket = p_bucket and h.org_id = p_org_id);
end $f$;
alter function khop.correct_find owner to khop_fn_settle;
revoke all on function khop.correct_find from public;
grant execute on function khop.correct_find to khop_fn_org;
comment on function khop.correct_find is 'What an exception asks to be corrected';
