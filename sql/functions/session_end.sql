-- Ends one of the person's own sessions, or with p_session_id NULL all but the one that asks.
-- rc -6: no such session asks, -4: there is none of that number.
create or replace function khop.session_end(p_token bytea, p_now timestamptz, p_session_id int8, p_req text)
returns table (rc int2, ended int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_session khop.session;
begin
    v_session := khop.session_find(p_token, p_now);
    ended := 0;
    rc := case when v_session.session_id is null or v_session.stage <> 2 then -6 else 0 end;
    if rc = 0 and p_session_id is null then
        ended := khop.sessions_end(v_session.user_id, p_now, p_token);
    elsif rc = 0 then
        update khop.session s set ended_at = p_now where s.session_id = p_session_id and s.user_id = v_session.user_id and s.ended_at is null;
        get diagnostics ended = row_count;
        rc := case ended when 0 then -4 else 0 end;
    end if;
    if rc = 0 then
        perform khop.audit_put(v_session.bucket, v_session.org_id, p_now, v_session.user_id, left(encode(p_token, 'hex'), 8), v_session.ip, p_req,
                'session.end', null, 'ok', ended::text);
    end if;
    return next;
end $f$;
alter function khop.session_end owner to khop_owner;
revoke all on function khop.session_end from public;
grant execute on function khop.session_end to khop_serve;
comment on function khop.session_end is 'Ends sessions of a person';
