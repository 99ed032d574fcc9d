-- Every kind of payment code, by letter. `usable`: codes of it may be issued.
create or replace function khop.kind_list(p_now timestamptz) returns table (letter text, name text, direction int2, usable bool)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    return query select k.letter, k.name, k.direction, k.valid_from <= p_now from khop.code_kind k order by k.letter limit 31;
end $f$;
alter function khop.kind_list owner to khop_fn_org;
revoke all on function khop.kind_list from public;
grant execute on function khop.kind_list to khop_serve, khop_jobs;
comment on function khop.kind_list is 'Kinds of payment codes';
