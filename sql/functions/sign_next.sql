-- The next transfers whose receipts are to be signed, at most p_limit, those of an organisation in order and without a gap behind the last that
-- was signed; one without a receipt has year NULL, so that the follower can step over it. Organisations that have waited longest come first. One
-- follower at a time: its session holds an advisory lock for as long as it lives; nobody else gets a row.
-- By key from the first row on, see receipt_rows; the heads of all organisations are read each time.
create or replace function khop.sign_next(p_limit int4) returns setof khop.receipt_content
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_material = off
set join_collapse_limit = 1
as $f$
begin
    if not pg_try_advisory_lock(hashtext('khop.sign')) then
        return;
    end if;
    return query
    with
    waiting as materialized (
        select h.bucket, h.org_id, coalesce(x.next_seq, 1) as seq, h.next_seq - coalesce(x.next_seq, 1) as n
          from khop.org_head h
          left join lateral (
               select x.next_seq from khop.outbox x where x.bucket = h.bucket and x.org_id = h.org_id and x.topic = 2 limit 1) x on true
         where h.next_seq > coalesce(x.next_seq, 1)),
    oldest as materialized (
        select w.bucket, w.org_id, w.seq, w.n, o.code, row_number() over longest as place,
               p_limit - coalesce(sum(w.n) over (longest rows between unbounded preceding and 1 preceding), 0)::int8 as room
          from waiting w
          join lateral (
               select t.recorded_at from khop.transfer t where t.bucket = w.bucket and t.org_id = w.org_id and t.seq = w.seq limit 1) t on true
          join lateral (select o.code from khop.org o where o.org_id = w.org_id limit 1) o on true
        window longest as (order by t.recorded_at, w.bucket, w.org_id))
    select 0::int2, t.bucket, t.org_id, t.seq, w.code, t.receipt_year::int4, t.receipt_no::int8, t.rid, t.code_no, t.amount,
           t.paid_at, t.recorded_at, k.kid, k.iss, null::bytea
      from oldest w
      join lateral (
           select t.bucket, t.org_id, t.seq, t.receipt_year, t.receipt_no, t.rid, t.code_no, t.amount, t.paid_at, t.recorded_at, t.key_no
             from khop.transfer t
            where w.room > 0 and t.bucket = w.bucket and t.org_id = w.org_id and t.seq >= w.seq and t.seq < w.seq + least(w.n, w.room)) t on true
      left join khop.receipt_key k on k.key_no = t.key_no
     order by w.place, t.seq;
end $f$;
alter function khop.sign_next owner to khop_fn_settle;
revoke all on function khop.sign_next from public;
grant execute on function khop.sign_next to khop_jobs;
comment on function khop.sign_next is 'Receipts that wait for their signature, for the one follower';
