-- The place of what is wrong with the items of a round that asks these classes ('' those without one), NULL nothing: a class of by_class that is none
-- of the known ones, or nobody who is asked for anything, also by no amount that the round has for a single payer.
create or replace function khop.round_fault(p_bucket int4, p_round_id int8, p_items jsonb, p_classes text[], p_known text[]) returns text
language sql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
    select case when cardinality(p_classes) = 0 then '/classes'
                when u.at is not null then '/items/' || u.at || '/by_class'
                when not exists (select 1 from jsonb_array_elements(p_items) x (item) cross join unnest(p_classes) k (class)
                                  where coalesce((x.item -> 'by_class' ->> k.class)::int8, (x.item ->> 'amount')::int8) > 0)
                 and not exists (select 1 from khop.round_amount a where a.bucket = p_bucket and a.round_id = p_round_id and a.amount > 0) then '/items' end
      from (select min(coalesce((x.item ->> 'at')::int8, x.place - 1)) as at
              from jsonb_array_elements(p_items) with ordinality x (item, place)
             cross join lateral jsonb_object_keys(coalesce(x.item -> 'by_class', '{}')) c (class)
             where c.class <> all (p_known)) u
$f$;
alter function khop.round_fault owner to khop_fn_org;
revoke all on function khop.round_fault from public;
comment on function khop.round_fault is 'The place of what is wrong with the items of a round';
