-- New recovery codes in place of the old ones, in a fresh session of somebody who has a second factor.
-- rc -6: no such session, -5: no second factor, -14: not fresh.
create or replace function khop.recovery_renew(p_token bytea, p_now timestamptz, p_codes bytea[], p_req text)
returns table (rc int2)
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
    rc := case when v_session.session_id is null or v_session.stage <> 2 then -6
               when v_session.fresh_at <= p_now - interval '5 minutes' then -14
               when not exists (select 1 from khop.app_user u where u.user_id = v_session.user_id and u.totp_sealed is not null) then -5 else 0 end;
    if rc = 0 then
        delete from khop.recovery_code c where c.user_id = v_session.user_id;
        insert into khop.recovery_code (user_id, code_hash) select v_session.user_id, x.h from unnest(p_codes) x (h) on conflict do nothing;
        perform khop.audit_put(v_session.bucket, v_session.org_id, p_now, v_session.user_id, left(encode(p_token, 'hex'), 8), v_session.ip, p_req,
                'recovery.renew', null, 'ok', null);
    end if;
    return next;
end $f$;
alter function khop.recovery_renew owner to khop_owner;
revoke all on function khop.recovery_renew from public;
grant execute on function khop.recovery_renew to khop_serve;
comment on function khop.recovery_renew is 'New recovery codes';
