-- What an exception of an organisation is about besides its own money, for a person who decides: what would be corrected (correct_find: `what`), whether one person alone
-- may (`alone`), the event and the other one, the line of the bank, and around a gap what stands before and after it. NULL: nothing of the kind.
create or replace function khop.exception_about(p_bucket int4, p_org_id int8, p_exception_id int8) returns jsonb
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
declare
    c record;
    i khop.statement_item;
    g khop.balance_gap;
begin
    select * into c from khop.correct_find(p_bucket, p_org_id, p_exception_id);
    select y.* into i from khop.statement_item y where y.bucket = p_bucket and y.exception_id = p_exception_id order by y.about desc limit 1;
    select y.* into g from khop.balance_gap y where y.bucket = p_bucket and y.exception_id = p_exception_id;
    if c.what is null and i.about is null and g.exception_id is null then
        return null;
    end if;
    return jsonb_build_object('what', c.what, 'alone', not c.closed and c.amount <= khop.alone_limit(p_bucket, p_org_id),
        'event', khop.event_doc(p_bucket, p_org_id, coalesce(c.seq, case when i.reason in (2, 4) then i.about end)),
        'other', khop.event_doc(p_bucket, p_org_id, c.other),
        'line', khop.line_doc(p_bucket, i.account_id, case i.reason when 3 then i.about when 4 then i.before_line end),
        'notice_before', khop.event_doc(p_bucket, p_org_id, g.before_seq), 'notice_after', khop.event_doc(p_bucket, p_org_id, g.after_seq),
        'before', khop.line_doc(p_bucket, i.account_id, case i.reason when 1 then i.before_line end),
        'after', khop.line_doc(p_bucket, i.account_id, case i.reason when 1 then i.about end));
end $f$;
alter function khop.exception_about owner to khop_fn_settle;
revoke all on function khop.exception_about from public;
grant execute on function khop.exception_about to khop_fn_org;
comment on function khop.exception_about is 'What an exception is about besides its own money';
