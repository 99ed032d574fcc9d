-- Ends the sessions of a user but the one with the hash p_but (NULL: all), in the order of their ids. How many.
create or replace function khop.sessions_end(p_user_id int8, p_now timestamptz, p_but bytea)
returns int4
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_n int4;
begin
    perform from khop.session s where s.user_id = p_user_id and s.ended_at is null order by s.session_id for update;
    update khop.session s set ended_at = p_now where s.user_id = p_user_id and s.ended_at is null and s.session_hash is distinct from p_but;
    get diagnostics v_n = row_count;
    return v_n;
end $f$;
alter function khop.sessions_end owner to khop_owner;
revoke all on function khop.sessions_end from public;
grant execute on function khop.sessions_end to khop_fn_org;
comment on function khop.sessions_end is 'Ends the sessions of a user';
