-- Items of a round that ask more than a ceiling allows in its month, of a class or of one pupil, as a JSON array: {"label", "amount", "ceiling", "decision"}.
create or replace function khop.round_above(p_bucket int4, p_round_id int8) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object('label', i.label, 'amount', m.amount, 'ceiling', c.amount, 'decision', c.decision)
            order by i.place), '[]')
          from khop.round r
          join khop.round_item i on i.bucket = r.bucket and i.round_id = r.round_id
          join lateral (select max(v.amount) as amount from (select i.amount union all select e.value::int8
              from jsonb_each_text(i.by_class) e union all select i.own_most) v) m on true
          join lateral (
               select c.* from khop.fee_ceiling c
                where c.bucket = r.bucket and c.org_id = r.org_id and c.kind = i.kind and c.valid_from <= r.month
                    and coalesce(c.valid_to >= r.month, true)
                order by c.valid_from desc, c.created_at desc limit 1) c on c.amount < m.amount
         where r.bucket = p_bucket and r.round_id = p_round_id);
end $f$;
alter function khop.round_above owner to khop_owner;
revoke all on function khop.round_above from public;
grant execute on function khop.round_above to khop_fn_org;
comment on function khop.round_above is 'Items of a round above a ceiling';
