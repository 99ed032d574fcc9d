-- The invariants for the process that runs them every hour: one row per broken one, and a last row without a name that says what was
-- looked at. All of the books once a day, and again when the last time found something; else what came since. What was found right is
-- marked, by the heads as they were read before: rows that came meanwhile are for the next time.
create or replace function khop.invariants(p_now timestamptz) returns table (name text, detail text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
#variable_conflict use_column
declare
    v_all bool;
    v_broken bool;
    v_new int8;
    h_bucket int4[]; h_org int8[]; h_seq int8[]; h_chain bytea[]; h_year int4[]; h_receipt int4[];
begin
    if not pg_try_advisory_xact_lock(hashtext('khop.invariants')) then
        return query select null::text, 'nothing: another process is looking';
        return;
    end if;
    select array_agg(h.bucket), array_agg(h.org_id), array_agg(h.next_seq - 1), array_agg(h.chain), array_agg(h.receipt_year), array_agg((h.next_receipt - 1)::int4),
           coalesce(sum(h.next_seq - 1 - coalesce(v.seq, 0)), 0)::int8, coalesce(min(v.full_at), '-infinity') <= p_now - interval '1 day'
      into h_bucket, h_org, h_seq, h_chain, h_year, h_receipt, v_new, v_all
      from khop.org_head h left join khop.verified v on v.bucket = h.bucket and v.org_id = h.org_id;
    if v_all then
        return query select i.name, i.detail from audit.invariants() i;
    else
        return query select i.name, i.detail from khop.invariants_since(h_bucket, h_org, h_seq, h_chain, h_year, h_receipt) i;
    end if;
    v_broken := found;
    if v_broken then
        update khop.verified v set full_at = '-infinity' where v.full_at > '-infinity';
    else
        if v_all then
            delete from khop.verified_total;
            delete from khop.verified;
        end if;
        insert into khop.verified_total as v (bucket, org_id, day, debit, credit, n, amount)
        select t.bucket, t.org_id, t.booked_on, t.debit, t.credit, count(*), sum(t.amount)::int8
          from unnest(h_bucket, h_org, h_seq) h (bucket, org_id, seq)
          left join khop.verified m on m.bucket = h.bucket and m.org_id = h.org_id
          join lateral (
               select t.* from khop.transfer t where t.bucket = h.bucket and t.org_id = h.org_id and t.seq > coalesce(m.seq, 0) and t.seq <= h.seq offset 0) t on true
         group by t.bucket, t.org_id, t.booked_on, t.debit, t.credit
        on conflict (bucket, org_id, day, debit, credit) do update set n = v.n + excluded.n, amount = v.amount + excluded.amount;
        insert into khop.verified as v (bucket, org_id, seq, event_id, chain, receipt_year, receipt_no, full_at)
        select h.bucket, h.org_id, h.seq, t.event_id, h.chain, h.year, h.receipt, p_now
          from unnest(h_bucket, h_org, h_seq, h_chain, h_year, h_receipt) h (bucket, org_id, seq, chain, year, receipt)
          join lateral (select t.event_id from khop.transfer t where t.bucket = h.bucket and t.org_id = h.org_id and t.seq = h.seq limit 1) t on true
        on conflict (bucket, org_id) do update set seq = excluded.seq, event_id = excluded.event_id, chain = excluded.chain,
               receipt_year = excluded.receipt_year, receipt_no = excluded.receipt_no;
    end if;
    return query select null::text, case when v_all then 'all' else format('%s transfers since the last time', v_new) end;
end $f$;
alter function khop.invariants owner to khop_owner;
revoke all on function khop.invariants from public;
grant execute on function khop.invariants to khop_jobs;
comment on function khop.invariants is 'Broken invariants of the books, for the jobs process; what was verified before is not read again for a day';
