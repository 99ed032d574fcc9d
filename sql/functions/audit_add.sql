-- Writes down what the holder of this token or session has done: who, in which organisation and from where is looked up. For functions
-- that have logged in with the same p_token; the last thing they do (see audit_put).
--   action  "noun.verb": refund.request, day.close, user.role …       object  the public id or name of what it was done to
--   result  ok, or why not                                            detail  what else must be known; no secrets, nothing personal
create or replace function khop.audit_add(p_token bytea, p_now timestamptz, p_action text, p_object text, p_result text, p_detail text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_session khop.session;
    v_token khop.api_token;
begin
    select * into v_session from khop.session s where s.session_hash = p_token;
    if v_session.session_id is not null then
        perform khop.audit_put(v_session.bucket, v_session.org_id, p_now, v_session.user_id, left(encode(p_token, 'hex'), 8), v_session.ip, null,
                               p_action, p_object, p_result, p_detail);
    else
        select * into strict v_token from khop.api_token t where t.token_hash = p_token;
        perform khop.audit_put(v_token.bucket, v_token.org_id, p_now, v_token.token_id, null, null, null, p_action, p_object, p_result, p_detail);
    end if;
end $f$;
alter function khop.audit_add owner to khop_owner;
revoke all on function khop.audit_add from public;
grant execute on function khop.audit_add to khop_fn_org, khop_fn_settle;
comment on function khop.audit_add is 'Writes an audit event of the holder of a token or session';
