-- The place of what is wrong with the items of a round that asks these classes ('' those without one), NULL nothing: a class of by_class that is none
-- of the known ones. A draft in which nobody pays anything yet may be waiting for a list of amounts of single payers; round_propose looks.
create or replace function khop.round_fault(p_items jsonb, p_classes text[], p_known text[]) returns text
language sql immutable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select case when cardinality(p_classes) = 0 then '/classes'
                when u.at is not null then '/items/' || u.at || '/by_class' end
      from (select min(coalesce((x.item ->> 'at')::int8, x.place - 1)) as at
              from jsonb_array_elements(p_items) with ordinality x (item, place)
             cross join lateral jsonb_object_keys(coalesce(x.item -> 'by_class', '{}')) c (class)
             where c.class <> all (p_known)) u
$f$;
alter function khop.round_fault owner to khop_fn_org;
revoke all on function khop.round_fault from public;
comment on function khop.round_fault is 'The place of what is wrong with the items of a round';
