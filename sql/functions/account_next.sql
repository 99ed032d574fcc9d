-- Notices whose payer's account is still to be read: of the first organisation whose journal has rows behind its cursor (outbox, topic 4), p_limit rows of the
-- journal. Only organisations with a connection whose notices name the payer's account (p_modes) are looked at, only money that came in, with a code of a
-- payer or without any, and only while the raw notice is there. A row each, or one without a body when there is nothing in these rows; none when nothing is left.
create or replace function khop.account_next(p_modes int2[], p_limit int4)
returns table (bucket int4, org_id int8, from_seq int8, to_seq int8, seq int8, mode int2, ext_id text, body bytea)
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
    v_org record;
begin
    select h.bucket, h.org_id, coalesce(o.next_seq, 1) as from_seq, least(h.next_seq, coalesce(o.next_seq, 1) + p_limit) as to_seq into v_org
      from (select distinct c.bucket, c.org_id from khop.connection c where c.mode = any (p_modes) and c.role = 1 order by c.bucket, c.org_id) c
      join lateral (select h.* from khop.org_head h where h.bucket = c.bucket and h.org_id = c.org_id limit 1) h on true
      left join lateral (select o.next_seq from khop.outbox o where o.bucket = c.bucket and o.org_id = c.org_id and o.topic = 4 limit 1) o on true
     where coalesce(o.next_seq, 1) < h.next_seq limit 1;
    if v_org.org_id is null then
        return;
    end if;
    return query
    select v_org.bucket, v_org.org_id, v_org.from_seq, v_org.to_seq, t.seq, t.mode, t.ext_id, t.body
      from (select 1) one
      left join lateral (
           select t.seq, c.mode, t.ext_id, n.body
             from khop.transfer t
             left join lateral (select d.of_payer from khop.charge_due d where d.bucket = t.bucket and d.code_no = t.code_no limit 1) d on true
             join lateral (
                  select n.* from khop.notice n
                   where n.bucket = t.bucket and n.received_on = (t.recorded_at at time zone interval '7 hours')::date
                     and n.notice_id = coalesce(t.notice_id, t.event_id) limit 1) n on true
             join lateral (select c.mode from khop.connection c where c.connection_id = n.connection_id limit 1) c on c.mode = any (p_modes)
            where t.bucket = v_org.bucket and t.org_id = v_org.org_id and t.seq >= v_org.from_seq and t.seq < v_org.to_seq and t.direction = 1 and t.provider < 9
              and (t.outcome = 8 or t.outcome in (1, 10) and d.of_payer)
            order by t.seq) t on true;
end $f$;
alter function khop.account_next owner to khop_fn_settle;
revoke all on function khop.account_next from public;
grant execute on function khop.account_next to khop_jobs;
comment on function khop.account_next is 'Notices whose payer''s account is still to be read';
