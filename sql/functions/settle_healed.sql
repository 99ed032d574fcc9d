-- Notices that came after their money was settled from the statement (ledger.md §6.1). settle_batch calls this, under the head's lock, for organisations that
-- have such lines. Per event: the id and the hash under which the line was settled, NULL for events that are no healed line's. Which event is which line
-- is kept in healed_notice, so that it stays so, and the notice's bytes with it.
-- An event is a line's when amount and direction are equal and one of these is: the reference; the balance; the code, within three days; the memo, within one.
-- Two different balances are two movements. Each line is one notice's, by the key of healed_notice.
create or replace function khop.settle_healed(p_bucket int4, p_now timestamptz, p_base int8, n_connection int8[], n_body bytea[], n_hash bytea[],
    e_notice int4[], e_account int8[], e_provider int2[], e_ext text[], e_direction int2[], e_amount int8[], e_paid_at timestamptz[], e_memo text[],
    e_reference text[], e_balance int8[], e_hash bytea[], c_event int4[], c_code int4[], c_how int2[],
    out ext text[], out hash bytea[])
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_mergejoin = off
set enable_bitmapscan = off
set jit = off
as $f$
#variable_conflict use_column
begin
    if 9 = all (e_provider) then -- lines themselves: none is another's notice
        return;
    end if;
    with
    event as materialized (
        select e.*, e.o::int4 as ord, (coalesce(e.paid_at, p_now) at time zone interval '7 hours')::date as day, khop.memo_key(e.memo) as said,
               (select c.code from unnest(c_event, c_code, c_how) c (ev, code, how) where c.ev = e.o and c.how = 1 limit 1) as code
          from unnest(e_notice, e_account, e_provider, e_ext, e_direction, e_amount, e_paid_at, e_memo, e_reference, e_balance, e_hash)
               with ordinality e (notice, acc, prov, ext, dir, amt, paid_at, memo, ref, bal, hash, o)
          left join lateral (select 1 as one from khop.healed_notice h where h.bucket = p_bucket and h.account_id = e.acc and h.provider = e.prov
              and h.ext_id = e.ext limit 1) h on true
          left join lateral (select 1 as one from khop.transfer t where t.bucket = p_bucket and t.account_id = e.acc and t.provider = e.prov
              and t.ext_id = e.ext limit 1) t on true
         where e.prov < 9 and h.one is null and t.one is null),
    candidate as (
        select e.ord, l.line_no, case when nullif(e.ref, '') = l.reference then 1 when e.bal = l.balance_after then 2
            when e.code = l.code_no then 3 else 4 end as rule,
               abs(e.day - l.bank_date) as away
          from event e
         cross join lateral (
               select l.* from khop.healed_line l
                where l.bucket = p_bucket and l.account_id = e.acc and l.amount = e.amt and l.bank_date between e.day - 10 and e.day + 10) l
          left join lateral (select 1 as one from khop.healed_notice h where h.bucket = p_bucket and h.account_id = e.acc
              and h.line_no = l.line_no limit 1) h on true
         where h.one is null and l.direction = e.dir
           and (nullif(e.ref, '') = l.reference or e.bal = l.balance_after
                or coalesce(e.bal = l.balance_after, true)
                   and (e.code = l.code_no and abs(e.day - l.bank_date) <= 3 or e.said = nullif(l.memo_key, '') and abs(e.day - l.bank_date) <= 1))),
    turn as ( -- equal ones in the order of time: the k-th event that a rule has for a line gets the k-th line
        select c.ord, c.line_no, dense_rank() over (order by c.ord) as k_event,
               row_number() over (partition by c.line_no order by c.rule, c.away, c.ord) as for_line,
               row_number() over (partition by c.ord order by c.rule, c.away, c.line_no) as for_event
          from candidate c),
    chosen as (
        select t.ord, t.line_no from turn t where t.for_line = t.for_event),
    one as (
        select distinct on (c.line_no) c.ord, c.line_no from (select distinct on (c.ord) c.ord, c.line_no from chosen c order by c.ord, c.line_no) c
            order by c.line_no, c.ord),
    claim as (
        insert into khop.healed_notice (bucket, account_id, provider, ext_id, line_no, org_id, notice_id, body_hash, recorded_at)
        select p_bucket, e.acc, e.prov, e.ext, o.line_no, a.org_id, p_base + e.ord - 1, e.hash, p_now
          from one o join event e on e.ord = o.ord join khop.account a on a.account_id = e.acc order by e.ord
        on conflict do nothing returning notice_id)
    insert into khop.notice (bucket, received_on, notice_id, account_id, connection_id, received_at, body, body_hash)
    select p_bucket, (p_now at time zone interval '7 hours')::date, c.notice_id, e.acc, n.connection, p_now, n.body, n.hash
      from claim c join event e on p_base + e.ord - 1 = c.notice_id
      join unnest(n_connection, n_body, n_hash) with ordinality n (connection, body, hash, o) on n.o = e.notice;

    select array_agg(l.key order by e.o), array_agg(t.body_hash order by e.o) into ext, hash
      from unnest(e_account, e_provider, e_ext) with ordinality e (acc, prov, ext, o)
      left join lateral (select h.* from khop.healed_notice h where h.bucket = p_bucket and h.account_id = e.acc and h.provider = e.prov
          and h.ext_id = e.ext limit 1) h on true
      left join lateral (select l.key from khop.statement_line l where l.bucket = p_bucket and l.account_id = e.acc
              and l.line_no between h.line_no and h.line_no order by l.line_no limit 1) l on true
      left join lateral (select t.body_hash from khop.transfer t where t.bucket = p_bucket and t.account_id = e.acc and t.provider = 9
          and t.ext_id = l.key limit 1) t on true;
end $f$;
alter function khop.settle_healed owner to khop_fn_settle;
revoke all on function khop.settle_healed from public;
comment on function khop.settle_healed is 'Notices that came after their money was settled from the statement';
