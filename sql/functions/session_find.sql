-- A session that lives, whatever it still owes; all NULL when there is none.
create or replace function khop.session_find(p_token bytea, p_now timestamptz)
returns khop.session
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_session khop.session;
begin
    select * into v_session from khop.session s
     where s.session_hash = p_token and s.ended_at is null and s.expires_at > p_now and s.seen_at + s.idle_s * interval '1 second' > p_now;
    return v_session;
end $f$;
alter function khop.session_find owner to khop_owner;
revoke all on function khop.session_find from public;
comment on function khop.session_find is 'A session that lives';
