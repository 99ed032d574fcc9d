-- Keeps the signatures of what sign_next gave: s_org is the place of the organisation in o_…, whose next transfer to look at is o_next. Again
-- with the same does nothing: a signature is a function of what it signs. rc -13: another session is the follower.
create or replace function khop.sign_store(
    p_now timestamptz, o_bucket int4[], o_org int8[], o_next int8[], s_org int4[], s_year int4[], s_first int4[], s_signatures bytea[])
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
as $f$
begin
    rc := 0;
    if not pg_try_advisory_lock(hashtext('khop.sign')) then
        rc := -13;
        return next;
        return;
    end if;
    insert into khop.receipt_signature (bucket, year, org_id, signed_at, first_no, signatures)
    select o_bucket[s.org], s.year, o_org[s.org], p_now, s.first, s.signatures
      from unnest(s_org, s_year, s_first, s_signatures) s (org, year, first, signatures)
    on conflict do nothing;
    insert into khop.outbox as x (bucket, topic, org_id, next_seq)
    select o.bucket, 2, o.org, o.next from unnest(o_bucket, o_org, o_next) o (bucket, org, next)
    on conflict (bucket, org_id, topic) do update set next_seq = greatest(x.next_seq, excluded.next_seq);
    return next;
end $f$;
alter function khop.sign_store owner to khop_fn_settle;
revoke all on function khop.sign_store from public;
grant execute on function khop.sign_store to khop_jobs;
comment on function khop.sign_store is 'Keeps signatures of receipts and how far the follower is';
