-- Names an area: the province, a commune or a ward by its official number. The same again changes its name.
create or replace function khop.area_create(p_area_id int4, p_parent_id int4, p_kind text, p_name text)
returns table (area_id int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
begin
    insert into khop.area (area_id, parent_id, kind, name) values (p_area_id, p_parent_id, p_kind, p_name)
    on conflict (area_id) do update set name = excluded.name returning khop.area.area_id into area_id;
    return next;
end $f$;
alter function khop.area_create owner to khop_owner;
revoke all on function khop.area_create from public;
comment on function khop.area_create is 'Names an area';
