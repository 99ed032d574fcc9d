-- The login step of every function that takes a token: finds the API token, or the session of somebody who has signed in, by the hash
-- of its secret, checks expiry and scope, and opens its organisation to row level security for this transaction (security.md §5).
-- Look-ups that are given no time pass the statement's. p_scopes: any of these bits is enough:
--   1 read · 2 issue · 4 accountant · 8 admin · 16 approve · 32 vend · 64 pay_make · 128 pay_check · 256 audit
-- token_id is who acts: the id of the token, or of the user. A session that is used stays open; that is noted once a minute, and not
-- while another request does it.
-- A person who is refused is written down (security.md §7).
-- rc 0, -6 (unknown, ended, idle for too long or expired) or -7 (without the scope); whatever an earlier login of this transaction
-- opened is closed.
create or replace function khop.login(p_token bytea, p_now timestamptz, p_scopes int4,
    out rc int2, out org_id int8, out bucket int4, out token_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_scopes int4;
    v_session khop.session;
begin
    select t.org_id, t.bucket, t.token_id, t.scopes into org_id, bucket, token_id, v_scopes from khop.api_token t
     where t.token_hash = p_token and t.expires_at > p_now and (t.ended_at is null or t.ended_at > p_now);
    if token_id is null then
        select * into v_session from khop.session s
         where s.session_hash = p_token and s.stage = 2 and s.ended_at is null and s.expires_at > p_now
           and s.seen_at + s.idle_s * interval '1 second' > p_now;
        if v_session.seen_at < p_now - interval '1 minute' then
            update khop.session s set seen_at = p_now
             where s.session_id = (select x.session_id from khop.session x where x.session_id = v_session.session_id and x.seen_at < p_now
                                      for update skip locked);
        end if;
        org_id := v_session.org_id;
        bucket := v_session.bucket;
        token_id := v_session.user_id;
        v_scopes := v_session.scopes;
    end if;
    rc := case when token_id is null then -6 when v_scopes & p_scopes = 0 then -7 else 0 end;
    if rc = -7 and v_session.session_id is not null then
        perform khop.audit_put(v_session.bucket, v_session.org_id, p_now, v_session.user_id, left(encode(p_token, 'hex'), 8), v_session.ip, null,
                               'access', null, 'refused', 'scopes ' || p_scopes);
    end if;
    if rc <> 0 then
        org_id := null;
        bucket := null;
        token_id := null;
    end if;
    perform khop.sight(org_id, token_id);
end $f$;
alter function khop.login owner to khop_owner;
revoke all on function khop.login from public;
grant execute on function khop.login to khop_fn_org, khop_fn_settle;
comment on function khop.login is 'Checks an API token or a session and opens its organisation for this transaction';
