-- Settles lines of a file that have no notice, by the same function as notices (ledger.md §6.1), those behind a place, as many as there are p_rids: provider 9, the
-- line's key as its id. Under the locks of the books, where no notice can come between the last look for one and the settlement; what came since the journal stood
-- at p_seen is paired first. A notice that comes later is found to be that line's (settle_healed). Answers with the place and the journal for the next call; place
-- NULL: that was all. rc -5: the job is this worker's no more; -8: no receipt key is registered.
create or replace function khop.statement_heal(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_file_id int8, p_after int4, p_seen int8,
    p_rids bytea[])
returns table (rc int2, healed int4, place int4, seen int8)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_mergejoin = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
    v_key_no int2;
    f khop.statement_file;
    l record;
begin
    healed := 0;
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    select * into f from khop.statement_file f where f.bucket = p_bucket and f.file_id = p_file_id and f.org_id = v_job.org_id;
    select k.key_no into v_key_no from khop.receipt_key k where k.revoked_at is null order by k.valid_from desc, k.key_no desc limit 1;
    rc := case when f.file_id is null then -5 when v_key_no is null then -8 else 0 end;
    if rc = 0 then
        perform khop.book_lock(p_bucket, f.org_id);
        if p_seen is distinct from (select h.next_seq from khop.org_head h where h.bucket = p_bucket and h.org_id = f.org_id) then
            perform khop.statement_pair(p_bucket, f.org_id, f.account_id, f.covered_from, f.covered_to, p_now);
        end if;
        select count(*)::int4 as n, max(o.place) as place, array_agg((o.line).line_no order by o.place) as no
          into l
          from khop.statement_open(p_bucket, p_file_id, p_after, cardinality(p_rids)) o;
        healed := l.n;
        place := case when l.n = cardinality(p_rids) then l.place end;
    end if;
    if healed = 0 then
        return next;
        return;
    end if;

    insert into khop.line_event (bucket, account_id, line_no, org_id, seq, rule, linked_at)
    select p_bucket, f.account_id, s.line_no, f.org_id, s.seq, 9, p_now
      from khop.statement_settle(p_bucket, f.org_id, f.account_id, p_now, v_key_no, l.no, p_rids, null, null) s;
    select h.next_seq into seen from khop.org_head h where h.bucket = p_bucket and h.org_id = f.org_id;
    return next;
end $f$;
alter function khop.statement_heal owner to khop_fn_settle;
revoke all on function khop.statement_heal from public;
grant execute on function khop.statement_heal to khop_jobs;
comment on function khop.statement_heal is 'Settles lines that have no notice';
