-- Adds a kind of payment codes. It is looked for in memos from now on and issued from p_valid_from on. The same again: rc 0.
-- rc -5: the letter or the name is taken by another.
create or replace function khop.kind_add(p_letter text, p_name text, p_direction int2, p_valid_from timestamptz) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
begin
    insert into khop.code_kind (letter, name, direction, valid_from) values (p_letter, p_name, p_direction, p_valid_from) on conflict do nothing;
    rc := case when exists (select 1 from khop.code_kind k where k.letter = p_letter and k.name = p_name and k.direction = p_direction)
               then 0 else -5 end;
    return next;
end $f$;
alter function khop.kind_add owner to khop_owner;
revoke all on function khop.kind_add from public;
comment on function khop.kind_add is 'Adds a kind of payment codes';
