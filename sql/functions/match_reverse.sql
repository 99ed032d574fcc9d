-- Takes back what a decision wrote, last row first, by rows of kind 7 on the open day. rc as khop.book answers: -5 when something rests on it
-- (credit that has been used) or it was taken back before.
create or replace function khop.match_reverse(
    p_bucket int4, p_org_id int8, p_now timestamptz, p_exception_id int8, p_action text, p_match_id int8, p_actor int8, p_requested_by int8, p_reason text, out rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
declare
    d record;
    b record;
begin
    select array_agg(7::int2) as kind, array_agg(t.amount order by t.seq desc) as amount, array_agg(t.seq order by t.seq desc) as seq, array_agg(null::int4) as none4,
           array_agg(null::int8) as none8, array_agg(null::bytea) as none
      into d
      from (select m.first_seq, m.last_seq from khop.match m where m.bucket = p_bucket and m.match_id = p_match_id and m.org_id = p_org_id limit 1) m
      join lateral (select t.* from khop.transfer t where t.bucket = p_bucket and t.org_id = p_org_id and t.seq between m.first_seq and m.last_seq) t on true;
    select * into b from khop.book(p_bucket, p_org_id, p_now, p_exception_id, p_action, 'person', 1::int2, p_match_id, p_actor, p_requested_by, p_reason, '{}',
        d.kind, d.none4, d.amount, d.seq, d.none4, d.none8, d.none4, d.none);
    rc := b.rc;
end $f$;
alter function khop.match_reverse owner to khop_fn_settle;
revoke all on function khop.match_reverse from public;
grant execute on function khop.match_reverse to khop_fn_org;
comment on function khop.match_reverse is 'Takes back what a decision wrote';
