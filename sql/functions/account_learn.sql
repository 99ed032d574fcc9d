-- What events of an organisation say about the accounts they came from (a_hash, a_sure: with its bank). Money that paid a payer's code teaches; money without
-- a code is kept with its account, and when one household alone has paid from there, and the memo names nobody else, a rule is to try it (allocate_next).
-- Money that anybody has decided about is never tried. Under the locks of the books.
create or replace function khop.account_learn(p_bucket int4, p_org_id int8, p_now timestamptz, a_seq int8[], a_hash bytea[], a_sure bool[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    x record;
    v_household int8[];
begin
    insert into khop.known_account as k (bucket, org_id, hash, payer_id, seq, learned_at)
    select p_bucket, p_org_id, s.hash, c.payer_id, max(t.seq), p_now
      from unnest(a_seq, a_hash) s (seq, hash)
      join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = s.seq limit 1) t
        on t.direction = 1 and t.outcome in (1, 10) and t.code_no is not null
      join lateral (select d.charge_id from khop.charge_due d where d.bucket = p_bucket and d.code_no = t.code_no limit 1) d on true
      join lateral (select c.payer_id from khop.charge c where c.bucket = p_bucket and c.charge_id = d.charge_id limit 1) c on c.payer_id is not null
     where s.hash is not null and not khop.event_reversed(p_bucket, p_org_id, t.seq)
     group by s.hash, c.payer_id
    on conflict (bucket, org_id, hash, payer_id) do update set seq = greatest(k.seq, excluded.seq);

    for x in select e.exception_id, e.memo, s.hash, s.sure
               from unnest(a_seq, a_hash, a_sure) s (seq, hash, sure)
               join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq = s.seq limit 1) t
                 on t.direction = 1 and t.outcome = 8
               join lateral (select e.* from khop.exception e where e.bucket = p_bucket and e.exception_id = t.event_id limit 1) e
                 on e.state = 'open' and e.held = e.amount and not e.pending
              where s.hash is not null
                and not exists (select from khop.match m where m.bucket = p_bucket and m.exception_id = e.exception_id)
              order by e.exception_id loop
        insert into khop.payer_account (bucket, exception_id, org_id, hash, sure) values (p_bucket, x.exception_id, p_org_id, x.hash, x.sure) on conflict do nothing;
        v_household := case when x.sure then khop.known_household(p_bucket, p_org_id, x.hash) end;
        if v_household is not null and not khop.payer_named(p_bucket, p_org_id, x.memo, v_household) then
            update khop.exception e set pending = true where e.bucket = p_bucket and e.exception_id = x.exception_id;
        end if;
    end loop;
end $f$;
alter function khop.account_learn owner to khop_fn_settle;
revoke all on function khop.account_learn from public;
comment on function khop.account_learn is 'Learns from which accounts payers pay, and what has come from one that is known';
