-- Ends a session, also one that owes the second factor. Always rc 0: who is out is out.
create or replace function khop.sign_out(p_token bytea, p_now timestamptz, p_req text)
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
    rc := 0;
    update khop.session s set ended_at = p_now where s.session_hash = p_token and s.ended_at is null returning s.* into v_session;
    if v_session.session_id is not null then
        perform khop.audit_put(v_session.bucket, v_session.org_id, p_now, v_session.user_id, left(encode(p_token, 'hex'), 8), v_session.ip, p_req,
                'session.end', null, 'ok', null);
    end if;
    return next;
end $f$;
alter function khop.sign_out owner to khop_owner;
revoke all on function khop.sign_out from public;
grant execute on function khop.sign_out to khop_serve;
comment on function khop.sign_out is 'Ends a session';
