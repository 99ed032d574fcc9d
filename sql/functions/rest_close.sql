-- Goes round the payments that came short and are open, p_limit at a time behind p_bucket and p_after, and closes those whose charge is paid in full since;
-- the history says so. At most one organisation's in one call, so that no money waits for long. Run by the jobs process, never while money is settled.
-- bucket, exception_id: where the next call goes on; NULL at the end.
create or replace function khop.rest_close(p_now timestamptz, p_bucket int4, p_after int8, p_limit int4)
returns table (looked int4, closed int4, bucket int4, exception_id int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
declare
    x record;
    v_org int8;
    v_end bool := true;
    v_evidence jsonb;
begin
    looked := 0;
    closed := 0;
    for x in select e.*, d.due <= d.paid + d.adjusted and not d.cancelled as whole
               from (select e.bucket, e.exception_id, e.org_id, e.code_no from khop.exception e
                      where e.state = 'open' and e.reason in ('short', 'tiny_amount') and (e.bucket, e.exception_id) > (p_bucket, p_after)
                      order by e.bucket, e.exception_id limit p_limit) e
               left join lateral (select d.* from khop.charge_due d where d.bucket = e.bucket and d.code_no = e.code_no limit 1) d on true
              order by e.bucket, e.exception_id loop
        if x.whole then
            if v_org <> x.org_id then
                v_end := false;
                exit;
            end if;
            v_org := x.org_id;
            perform khop.book_lock(x.bucket, x.org_id);
            select jsonb_build_object('due', d.due, 'paid', d.paid + d.adjusted, 'seq', d.last_seq) into v_evidence
              from (select e.code_no from khop.exception e where e.bucket = x.bucket and e.exception_id = x.exception_id and e.state = 'open') e
              join lateral (select d.* from khop.charge_due d where d.bucket = x.bucket and d.code_no = e.code_no limit 1) d
                on d.due <= d.paid + d.adjusted and not d.cancelled;
            if found then
                perform khop.book(x.bucket, x.org_id, p_now, x.exception_id, 'rest_paid', 'rest_paid', 1::int2, null, null, null, null, v_evidence,
                    null, null, null, null, null, null, null, null);
                closed := closed + 1;
            end if;
        end if;
        looked := looked + 1;
        bucket := x.bucket;
        exception_id := x.exception_id;
    end loop;
    if v_end and looked < p_limit then
        bucket := null;
        exception_id := null;
    end if;
    return next;
end $f$;
alter function khop.rest_close owner to khop_fn_settle;
revoke all on function khop.rest_close from public;
grant execute on function khop.rest_close to khop_jobs;
comment on function khop.rest_close is 'Closes what was paid short when the rest has come';
