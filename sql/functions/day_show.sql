-- A day of the token's organisation for who closes it: its state, the sheet that was sealed or, while it is open, the figures as they stand (from the open
-- day on); what stands in the way; what was done about it. state: open, closed, asked_close, asked_reopen, future.
create or replace function khop.day_show(p_token bytea, p_now timestamptz, p_day date)
returns table (rc int2, day date, state text, version int4, from_day date, open_day date, seal bytea, own bool, sheet text, faults text, steps text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    h khop.org_head;
    v_last khop.day_close;
    v_closed khop.day_close;
    v_before khop.day_close;
begin
    select l.* into v_login from khop.login(p_token, p_now, 1 | 4 | 16) l;
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    select * into h from khop.org_head x where x.bucket = v_login.bucket and x.org_id = v_login.org_id;
    -- A day without a close of its own is part of the next one's.
    select c.* into v_closed from khop.day_close c
     where c.bucket = v_login.bucket and c.org_id = v_login.org_id and c.day >= p_day and c.from_day <= p_day and c.what = 'closed' order by c.day, c.step desc limit 1;
    select c.* into v_last from khop.day_close c
     where c.bucket = v_login.bucket and c.org_id = v_login.org_id
       and c.day = case when p_day < h.open_day then coalesce(v_closed.day, p_day) else p_day end order by c.step desc limit 1;
    select c.* into v_before from khop.day_close c
     where c.bucket = v_login.bucket and c.org_id = v_login.org_id and c.day < h.open_day and c.what = 'closed' order by c.day desc, c.step desc limit 1;
    rc := 0;
    day := p_day;
    open_day := h.open_day;
    version := coalesce(v_last.version, 0);
    own := coalesce(v_last.actor = v_login.token_id, false);
    state := case when v_last.what in ('asked_close', 'asked_reopen') then v_last.what when p_day < h.open_day then 'closed'
                  when p_day > (p_now at time zone interval '7 hours')::date then 'future' else 'open' end;
    if p_day < h.open_day then
        from_day := coalesce(v_closed.from_day, p_day);
        seal := v_closed.seal;
        sheet := v_closed.sheet;
        faults := '[]';
    elsif state <> 'future' then
        from_day := h.open_day;
        sheet := (select s.sheet::text from khop.day_sheet(v_login.bucket, v_login.org_id, h.open_day, p_day, coalesce(v_before.next_seq, 1)) s);
        faults := (select coalesce(jsonb_agg(jsonb_build_object('name', f.name, 'detail', f.detail, 'hard', f.hard)), '[]')::text
                     from khop.close_faults(v_login.bucket, v_login.org_id, h.open_day, p_day, p_now) f);
    end if;
    steps := (select coalesce(jsonb_agg(jsonb_build_object('what', c.what, 'version', c.version, 'at', khop.time_text(c.at),
                         'actor', khop.actor_name(c.actor), 'requested_by', khop.actor_name(c.requested_by), 'reason', c.reason,
                         'seal', encode(c.seal, 'hex')) order by c.step), '[]')::text
                from khop.day_close c
               where c.bucket = v_login.bucket and c.org_id = v_login.org_id and c.day = coalesce(v_last.day, p_day));
    return next;
end $f$;
alter function khop.day_show owner to khop_fn_org;
revoke all on function khop.day_show from public;
grant execute on function khop.day_show to khop_serve;
comment on function khop.day_show is 'A day for who closes it';
