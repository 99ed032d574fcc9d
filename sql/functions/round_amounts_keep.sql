-- The items of a draft are about to be others: amounts of single pupils go with their item, found by its name, else, where the item of that place
-- has got a new name, by its place. Those of an item that is gone go with it.
create or replace function khop.round_amounts_keep(p_bucket int4, p_round_id int8, p_items jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_org int8;
    v_was int2[];
    v_becomes int2[];
    v_payers int8[];
    v_places int2[];
    v_amounts int8[];
begin
    with was as (
        select i.place, khop.fold(i.label) as name, count(*) over (partition by khop.fold(i.label)) as n
          from khop.round_item i where i.bucket = p_bucket and i.round_id = p_round_id),
    becomes as (
        select x.place::int2 as place, khop.fold(x.item ->> 'label') as name, count(*) over (partition by khop.fold(x.item ->> 'label')) as n
          from jsonb_array_elements(p_items) with ordinality x (item, place)),
    named as (select w.place as was, b.place as becomes from was w join becomes b on b.name = w.name where w.n = 1 and b.n = 1),
    pairs as (
        select n.was, n.becomes from named n
         union all
        select w.place, b.place from was w join becomes b on b.place = w.place
         where not exists (select 1 from named n where n.was = w.place or n.becomes = w.place))
    select array_agg(p.was), array_agg(p.becomes) into v_was, v_becomes from pairs p;
    if v_was is not distinct from v_becomes and not exists (
        select 1 from khop.round_amount a where a.bucket = p_bucket and a.round_id = p_round_id and a.place <> all (coalesce(v_was, '{}'))) then
        return;
    end if;
    select min(a.org_id), array_agg(a.payer_id), array_agg(m.becomes), array_agg(a.amount) into v_org, v_payers, v_places, v_amounts
      from khop.round_amount a join unnest(v_was, v_becomes) m (was, becomes) on m.was = a.place
     where a.bucket = p_bucket and a.round_id = p_round_id;
    delete from khop.round_amount a where a.bucket = p_bucket and a.round_id = p_round_id;
    insert into khop.round_amount (bucket, round_id, payer_id, place, org_id, amount)
    select p_bucket, p_round_id, x.payer, x.place, v_org, x.amount from unnest(v_payers, v_places, v_amounts) x (payer, place, amount);
end $f$;
alter function khop.round_amounts_keep owner to khop_fn_org;
revoke all on function khop.round_amounts_keep from public;
comment on function khop.round_amounts_keep is 'Amounts of single pupils follow their items';
