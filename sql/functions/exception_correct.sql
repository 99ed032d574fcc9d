-- The accountant lets the bank be right about an exception (correct_find says what that means of it). Alone up to khop.alone_limit and while the event's day is
-- open; else it is proposed (by a login that is fresh), and a second person agrees.
-- rc 0, `why` asked: proposed; -4 not theirs; -5 `why` as correct_apply, or state: there is nothing to be corrected; -14.
create or replace function khop.exception_correct(p_token bytea, p_now timestamptz, p_exception_id int8, p_reason text, p_rid bytea)
returns table (rc int2, why text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    x khop.exception;
    c record;
    b record;
    v_found text;
    v_reason text;
begin
    select l.* into v_login from khop.login(p_token, p_now, 4) l;
    if v_login.rc = 0 then
        select e.* into x from khop.exception e where e.bucket = v_login.bucket and e.exception_id = p_exception_id and e.org_id = v_login.org_id;
        v_login.rc := case when x.exception_id is null then -4 else 0 end;
    end if;
    if v_login.rc = 0 then
        perform khop.book_lock(v_login.bucket, v_login.org_id);
        select * into c from khop.correct_find(v_login.bucket, v_login.org_id, p_exception_id);
        select e.* into x from khop.exception e where e.bucket = v_login.bucket and e.exception_id = p_exception_id;
        if c.what is null or x.state <> 'open' then
            v_login.rc := -5;
            why := 'state';
        elsif c.closed or c.amount > khop.alone_limit(v_login.bucket, v_login.org_id) then
            select l.* into v_login from khop.login_fresh(p_token, p_now, 4) l;
            why := case v_login.rc when 0 then 'asked' end;
        end if;
    end if;
    rc := v_login.rc;
    if rc <> 0 then
        return next;
        return;
    end if;
    v_found := concat_ws(' ', c.what, c.seq, c.line_no, c.other);
    -- What stands on a receipt that becomes void, for whoever holds it.
    v_reason := coalesce(nullif(p_reason, ''), case c.what when 'absent' then 'Sao kê của ngân hàng không có khoản này'
        when 'duplicate' then 'Ngân hàng báo hai lần một khoản'
        when 'amount' then 'Sao kê của ngân hàng ghi số tiền khác'
        when 'taken_back' then 'Ngân hàng đã thu hồi khoản này' end);
    if why = 'asked' then
        select y.rc into rc
          from khop.book(v_login.bucket, v_login.org_id, p_now, p_exception_id, 'propose', 'person', 1::int2, null, v_login.token_id, null, v_reason,
                   jsonb_build_object('what', case c.what when 'taken_back' then 'take_back' when 'set_off' then 'offset' else 'correct' end,
                       'amount', c.amount, 'found', v_found),
                   null, null, null, null, null, null, null, null) y;
    else
        select y.* into b from khop.correct_apply(v_login.bucket, v_login.org_id, p_now, p_exception_id, v_found, null, v_login.token_id, null, v_reason, p_rid) y;
        rc := b.rc;
        why := b.why;
    end if;
    if rc = 0 then
        perform khop.audit_add(p_token, p_now, case when why = 'asked' then 'correct.request' else 'exception.correct' end, p_exception_id::text, 'ok',
            concat_ws(': ', v_found, v_reason));
    end if;
    return next;
end $f$;
alter function khop.exception_correct owner to khop_fn_org;
revoke all on function khop.exception_correct from public;
grant execute on function khop.exception_correct to khop_serve;
comment on function khop.exception_correct is 'Lets the bank be right about an exception';
