-- Closing days of the token's organisation, opening the last one again, and the second person's word about either.
--   close     every day from the open one to p_day. What stands in the way is in close_faults; over what is not hard, with p_override and a reason, it is asked for
--   reopen    the day that was closed last, with a reason: asked for
--   agree, refuse   somebody else about what was asked for p_day
-- The head of the organisation is held throughout: money waits that long and then goes to the open day; no day that is closed refuses any.
-- rc 0, `why` asked: a second person is needed; -1 `why` reason; -5 `why`: closed, future, last, blocked, over (a second person may), done (nothing is
-- asked, or not any more); -7 `why` person: his own; -14.
create or replace function khop.day_act(p_token bytea, p_now timestamptz, p_day date, p_action text, p_override bool, p_reason text)
returns table (rc int2, why text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_today constant date := (p_now at time zone interval '7 hours')::date;
    v_login record;
    v_action text := p_action;
    h khop.org_head;
    v_last khop.day_close;     -- the last row of the day
    v_before khop.day_close;   -- the close that the open day follows
    v_previous bytea;
    v_from date;
    v_seen int8;
    v_hard int8;
    v_soft int8;
    v_asked bool := false;
    s record;
    v_sheet text;
begin
    select l.* into v_login from khop.login(p_token, p_now, case when p_action in ('agree', 'refuse') then 4 | 16 else 4 end) l;
    if v_login.rc = 0 and p_action in ('agree', 'reopen') then
        select l.* into v_login from khop.login_fresh(p_token, p_now, case p_action when 'agree' then 16 else 4 end) l;
    end if;
    rc := v_login.rc;
    if rc <> 0 then
        return next;
        return;
    end if;
    perform khop.head_lock(v_login.bucket, v_login.org_id);
    select * into h from khop.org_head x where x.bucket = v_login.bucket and x.org_id = v_login.org_id;
    select c.* into v_last from khop.day_close c where c.bucket = v_login.bucket and c.org_id = v_login.org_id and c.day = p_day order by c.step desc limit 1;
    select c.* into v_before from khop.day_close c
     where c.bucket = v_login.bucket and c.org_id = v_login.org_id and c.day < h.open_day and c.what = 'closed' order by c.day desc, c.step desc limit 1;

    if p_action in ('agree', 'refuse') then
        if v_last.what is null or v_last.what not in ('asked_close', 'asked_reopen') then
            rc := -5;
            why := 'done';
        elsif p_action = 'agree' and v_last.actor = v_login.token_id then
            rc := -7;
            why := 'person';
        else
            v_asked := true;
            v_action := case when p_action = 'refuse' then 'refuse' when v_last.what = 'asked_close' then 'close' else 'reopen' end;
        end if;
    end if;
    if rc = 0 and v_action = 'close' then
        select count(*) filter (where f.hard), count(*) filter (where not f.hard) into v_hard, v_soft
          from khop.close_faults(v_login.bucket, v_login.org_id, h.open_day, p_day, p_now) f;
        why := case when p_day < h.open_day then 'closed' when p_day > v_today then 'future' when v_hard > 0 then 'blocked'
                    when v_soft > 0 and not v_asked and not coalesce(p_override, false) then 'over' end;
        rc := case when why is null then 0 else -5 end;
    elsif rc = 0 and v_action = 'reopen' then
        if v_before.day is distinct from p_day or p_day <> h.open_day - 1 then
            rc := -5;
            why := 'last';
        end if;
    elsif rc = 0 and v_action <> 'refuse' then
        rc := -1;
        why := 'action';
    end if;
    if rc = 0 and coalesce(p_reason, '') = '' and (v_action = 'reopen' and not v_asked or v_action = 'close' and v_soft > 0 and not v_asked) then
        rc := -1;
        why := 'reason';
    end if;
    if rc <> 0 then
        return next;
        return;
    end if;

    v_from := case v_action when 'close' then h.open_day else coalesce(v_last.from_day, p_day) end;
    if v_action = 'refuse' then
        insert into khop.day_close (bucket, org_id, day, step, what, version, from_day, at, actor, requested_by, reason)
        values (v_login.bucket, v_login.org_id, p_day, v_last.step + 1, 'refused', v_last.version, v_from, p_now, v_login.token_id, null, p_reason);
    elsif not v_asked and (v_action = 'reopen' or v_soft > 0) then
        insert into khop.day_close (bucket, org_id, day, step, what, version, from_day, at, actor, reason)
        values (v_login.bucket, v_login.org_id, p_day, coalesce(v_last.step, 0) + 1, 'asked_' || v_action, coalesce(v_last.version, 0), v_from, p_now,
                v_login.token_id, p_reason);
        why := 'asked';
    elsif v_action = 'reopen' then
        insert into khop.day_close (bucket, org_id, day, step, what, version, from_day, at, actor, requested_by, reason)
        values (v_login.bucket, v_login.org_id, p_day, v_last.step + 1, 'reopened', v_last.version, v_from, p_now, v_login.token_id, v_last.actor, v_last.reason);
        update khop.org_head u set open_day = v_from where u.bucket = v_login.bucket and u.org_id = v_login.org_id;
    else
        v_seen := coalesce(v_before.next_seq, 1);
        select * into s from khop.day_sheet(v_login.bucket, v_login.org_id, v_from, p_day, v_seen);
        select c.seal into v_previous from khop.day_close c
         where c.bucket = v_login.bucket and c.org_id = v_login.org_id and c.what = 'closed' order by c.last_seq desc, c.at desc, c.day desc, c.step desc limit 1;
        v_previous := coalesce(v_previous, decode(repeat('00', 32), 'hex'));
        v_sheet := (s.sheet || jsonb_build_object('version', coalesce(v_last.version, 0) + 1, 'previous', encode(v_previous, 'hex'),
            'at', to_char(p_now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'actor', v_login.token_id, 'requested_by', case when v_asked then v_last.actor end,
            'reason', case when v_asked then v_last.reason end))::text;
        insert into khop.day_close (bucket, org_id, day, step, what, version, from_day, at, actor, requested_by, reason, seen_seq, last_seq, next_seq, sheet, previous,
               seal)
        values (v_login.bucket, v_login.org_id, p_day, coalesce(v_last.step, 0) + 1, 'closed', coalesce(v_last.version, 0) + 1, v_from, p_now, v_login.token_id,
                case when v_asked then v_last.actor end, case when v_asked then v_last.reason end, v_seen, h.next_seq - 1, s.next_seq, v_sheet, v_previous,
                sha256(v_previous || convert_to(v_sheet, 'UTF8')));
        update khop.org_head u set open_day = p_day + 1 where u.bucket = v_login.bucket and u.org_id = v_login.org_id;
    end if;
    perform khop.audit_add(p_token, p_now, 'day.' || p_action, to_char(p_day, 'YYYY-MM-DD'), coalesce(why, 'ok'), p_reason);
    return next;
end $f$;
alter function khop.day_act owner to khop_fn_settle;
revoke all on function khop.day_act from public;
grant execute on function khop.day_act to khop_serve;
comment on function khop.day_act is 'Closes days, opens the last one again';
