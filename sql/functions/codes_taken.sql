-- Places of codes that are taken in a bucket, by whatever organisation, or stand twice among these. p_places: of which the first is asked;
-- NULL: of all. Told apart from row level security, for an organisation does not see the codes of another.
create or replace function khop.codes_taken(p_bucket int4, p_codes int4[], p_places int8[]) returns int8[]
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
begin
    return (
        select array_agg(x.place)
          from (select u.code, u.place, lag(u.code) over (order by u.code) as before from unnest(p_codes) with ordinality u (code, place)) x
         where x.code = x.before or (p_places is null or x.place = any (p_places))
               and exists (select 1 from khop.charge_due d where d.bucket = p_bucket and d.code_no = x.code));
end $f$;
alter function khop.codes_taken owner to khop_owner;
revoke all on function khop.codes_taken from public;
grant execute on function khop.codes_taken to khop_fn_org;
comment on function khop.codes_taken is 'Which codes are taken in a bucket';
