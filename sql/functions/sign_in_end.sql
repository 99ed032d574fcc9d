-- The second half: the password was right, or not. What follows is "done", "factor" (the session owes the code of the second factor) or "enrol" (it
-- owes setting one up, because p_required and the role need it). p_password: the same password hashed with more, NULL to keep the hash.
-- rc -6: wrong.
create or replace function khop.sign_in_end(p_now timestamptz, p_user_id int8, p_budget bytea, p_match bool, p_password text, p_pepper int2,
        p_hash bytea, p_random int8, p_required bool, p_ip text, p_agent text, p_req text)
returns table (rc int2, next text, role text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_user khop.app_user;
    v_in record;
begin
    rc := -6;
    select * into v_user from khop.app_user u where u.user_id = p_user_id and u.disabled_at is null for update;
    select m.*, o.bucket into v_in
      from (select m.* from khop.membership m where m.user_id = p_user_id and m.ended_at is null order by m.created_at, m.org_id, m.role limit 1) m
      join lateral (select o.bucket from khop.org o where o.org_id = m.org_id limit 1) o on true;
    if v_user.user_id is null or v_in.org_id is null or not p_match then
        perform khop.audit_put(coalesce(v_in.bucket, 0), coalesce(v_in.org_id, 0), p_now, v_user.user_id, null, p_ip, p_req, 'login', null,
                'failed', null);
        return next;
        return;
    end if;
    rc := 0;
    role := v_in.role;
    next := case when v_user.totp_sealed is not null then 'factor' when p_required and khop.role_factor(v_in.role) then 'enrol' else 'done' end;
    delete from khop.login_budget b where b.budget = p_budget;
    update khop.app_user u set signed_in_at = case next when 'done' then p_now else u.signed_in_at end, password = coalesce(p_password, u.password),
           pepper = coalesce(p_pepper, u.pepper)
     where u.user_id = p_user_id;
    perform khop.session_begin(p_user_id, v_in.org_id, v_in.role, p_now, null, p_hash, p_random, next <> 'done', p_ip, p_agent);
    perform khop.audit_put(v_in.bucket, v_in.org_id, p_now, p_user_id, left(encode(p_hash, 'hex'), 8), p_ip, p_req, 'login', null,
                           case next when 'done' then 'ok' else 'password' end, null);
    return next;
end $f$;
alter function khop.sign_in_end owner to khop_owner;
revoke all on function khop.sign_in_end from public;
grant execute on function khop.sign_in_end to khop_serve;
comment on function khop.sign_in_end is 'Signing in: the password was right or not';
