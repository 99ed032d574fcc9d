-- A new password, after the old one was given again (p_match). The session gets a new secret, the others end.
-- rc -6: the old one was wrong, or no such session.
create or replace function khop.password_change(p_token bytea, p_now timestamptz, p_match bool, p_password text, p_pepper int2, p_hash bytea,
        p_req text)
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
    rc := case when v_session.session_id is null or v_session.stage <> 2 or not p_match then -6 else 0 end;
    if rc = 0 then
        update khop.app_user u set password = p_password, pepper = p_pepper, changed_at = p_now where u.user_id = v_session.user_id;
        delete from khop.login_budget b where b.budget = sha256(convert_to('proof ' || v_session.user_id, 'UTF8'));
        ended := khop.sessions_end(v_session.user_id, p_now, p_token);
        update khop.session s set session_hash = p_hash, seen_at = p_now where s.session_id = v_session.session_id;
    end if;
    if v_session.session_id is not null then
        perform khop.audit_put(v_session.bucket, v_session.org_id, p_now, v_session.user_id,
                left(encode(case rc when 0 then p_hash else p_token end, 'hex'), 8),
            v_session.ip, p_req, 'password.change', null, case rc when 0 then 'ok' else 'failed' end, null);
    end if;
    return next;
end $f$;
alter function khop.password_change owner to khop_owner;
revoke all on function khop.password_change from public;
grant execute on function khop.password_change to khop_serve;
comment on function khop.password_change is 'Changes a password';
