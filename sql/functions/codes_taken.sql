-- Places of codes that are taken in a bucket, by whatever organisation, or stand twice among these. p_places: of which the first is asked;
-- NULL: of all. Told apart from row level security, for an organisation does not see the codes of another.
create or replace function khop.codes_taken(p_bucket int4, p_codes int4[], p_places int8[]) returns int8[]
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_asked constant int4[] := case when p_places is null then p_codes else array(select p_codes[p] from unnest(p_places) p) end;
begin
    -- One sort in which the taken ones come before those that are asked.
    return (
        select array_agg(x.place)
          from (select y.code, y.place, lag(y.code) over (order by y.code, y.place nulls first) as before
                  from (select unnest(p_codes) as code, generate_series(1, cardinality(p_codes))::int8 as place
                        union all
                        select d.code_no, null
                          from unnest(v_asked) u (code)
                          join lateral (select d.code_no from khop.charge_due d where d.bucket = p_bucket and d.code_no = u.code limit 1) d on true) y) x
         where x.place is not null and x.code = x.before);
end $f$;
alter function khop.codes_taken owner to khop_owner;
revoke all on function khop.codes_taken from public;
grant execute on function khop.codes_taken to khop_fn_org;
comment on function khop.codes_taken is 'Which codes are taken in a bucket';
