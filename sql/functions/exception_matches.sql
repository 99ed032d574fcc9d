-- The decisions about an exception of an organisation: its own, and those about another exception that its money (the event p_seq) was set off against, with what took
-- them back.
create or replace function khop.exception_matches(p_bucket int4, p_org_id int8, p_exception_id int8, p_seq int8) returns setof khop.match
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
begin
    return query
    select m.* from khop.match m where m.bucket = p_bucket and m.org_id = p_org_id and m.exception_id = p_exception_id
    union all
    select u.*
      from (select a.match_id from khop.act a where a.bucket = p_bucket and a.org_id = p_org_id and a.other_seq = p_seq offset 0) a
      join lateral (select m.* from khop.match m where m.bucket = p_bucket and m.match_id = a.match_id limit 1) m on m.action = 'offset'
      join lateral (select u.* from khop.match u where u.bucket = p_bucket and u.exception_id = m.exception_id offset 0) u
        on m.match_id in (u.match_id, u.previous);
end $f$;
alter function khop.exception_matches owner to khop_fn_settle;
revoke all on function khop.exception_matches from public;
grant execute on function khop.exception_matches to khop_fn_org;
comment on function khop.exception_matches is 'The decisions about an exception';
