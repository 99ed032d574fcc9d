-- The first half of proving to be there, for a session that owes the second factor or acts on something that needs it again: what the code or
-- the password (p_password) is to be compared with. A try is taken: five, then a quarter of an hour.
-- rc -6: no such session, -13: wait so many seconds.
create or replace function khop.proof_begin(p_token bytea, p_now timestamptz)
returns table (rc int2, wait_s int4, stage int2, user_id int8, totp_sealed bytea, totp_step int8, password text, pepper int2)
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
    rc := -6;
    if v_session.session_id is not null then
        wait_s := khop.budget_take(sha256(convert_to('proof ' || v_session.user_id, 'UTF8')), p_now, true);
        rc := case when wait_s > 0 then -13 else 0 end;
    end if;
    if rc = 0 then
        select v_session.stage, u.user_id, u.totp_sealed, u.totp_step, u.password, u.pepper
          into stage, user_id, totp_sealed, totp_step, password, pepper
          from khop.app_user u where u.user_id = v_session.user_id;
    end if;
    return next;
end $f$;
alter function khop.proof_begin owner to khop_owner;
revoke all on function khop.proof_begin from public;
grant execute on function khop.proof_begin to khop_serve;
comment on function khop.proof_begin is 'Proving to be there: what it is compared with';
