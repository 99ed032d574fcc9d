-- The second half: the step whose code was right, or the hash of a recovery code, or that the password was right (only of somebody without a second
-- factor). The session gets a new secret and is fresh; one that owed the factor is complete now. None of the three: it was wrong.
-- rc -6: wrong, a code that was used before, or no such session.
create or replace function khop.proof_end(p_token bytea, p_now timestamptz, p_step int8, p_recovery bytea, p_password bool, p_hash bytea, p_req text)
returns table (rc int2, recovery_left int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_session khop.session;
    v_user khop.app_user;
    v_how text;
begin
    v_session := khop.session_find(p_token, p_now);
    rc := -6;
    if v_session.session_id is null then
        return next;
        return;
    end if;
    select * into v_user from khop.app_user u where u.user_id = v_session.user_id for update;
    if p_step is not null and v_user.totp_sealed is not null and p_step > v_user.totp_step then
        v_how := 'code';
        update khop.app_user u set totp_step = p_step where u.user_id = v_user.user_id;
    elsif p_recovery is not null and v_user.totp_sealed is not null then
        update khop.recovery_code c set used_at = p_now where c.user_id = v_user.user_id and c.code_hash = p_recovery and c.used_at is null;
        if found then
            v_how := 'recovery';
        end if;
    elsif p_password and v_user.totp_sealed is null and v_session.stage = 2 then
        v_how := 'password';
    end if;
    if v_how is not null then
        rc := 0;
        delete from khop.login_budget b where b.budget = sha256(convert_to('proof ' || v_user.user_id, 'UTF8'));
        if v_session.stage = 1 then
            update khop.app_user u set signed_in_at = p_now where u.user_id = v_user.user_id;
        end if;
        perform khop.session_begin(v_user.user_id, v_session.org_id, v_session.role, p_now, p_token, p_hash, null, false, null, null);
    end if;
    recovery_left := (select count(*) from khop.recovery_code c where c.user_id = v_user.user_id and c.used_at is null)::int4;
    perform khop.audit_put(v_session.bucket, v_session.org_id, p_now, v_user.user_id, left(encode(case rc when 0 then p_hash else p_token end,
            'hex'), 8), v_session.ip,
        p_req, case v_session.stage when 1 then 'login.factor' else 'step_up' end, null, case rc when 0 then 'ok' else 'failed' end, v_how);
    return next;
end $f$;
alter function khop.proof_end owner to khop_owner;
revoke all on function khop.proof_end from public;
grant execute on function khop.proof_end to khop_serve;
comment on function khop.proof_end is 'Proving to be there: it was right or not';
