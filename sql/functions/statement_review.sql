-- What a file says of payers' accounts is learnt. What it changes for people: opens items for gaps in the running balance, for events that must stand in a file and
-- do not, and for amounts that differ; closes those that evidence has settled (ledger.md §6.5, 6.8). Answers with the document of the job's result. rc -5: the job is
-- this worker's no more.
create or replace function khop.statement_review(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_file_id int8, p_repeated bool, p_linked int4,
    p_healed int4) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
    f khop.statement_file;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    select * into f from khop.statement_file f where f.bucket = p_bucket and f.file_id = p_file_id and f.org_id = v_job.org_id;
    rc := case when f.file_id is null then -5 else 0 end;
    if rc = 0 then
        perform khop.book_lock(p_bucket, f.org_id);
        perform khop.account_learn(p_bucket, f.org_id, p_now, array_agg(e.seq order by r.place), array_agg(l.counter_hash order by r.place),
                array_agg(l.counter_bank is not null order by r.place))
           from khop.statement_row r
           join lateral (
                select l.counter_hash, l.counter_bank, l.amount from khop.statement_line l where l.bucket = p_bucket and l.account_id = f.account_id
                   and l.line_no between r.line_no and r.line_no order by l.line_no limit 1) l on l.counter_hash is not null and l.amount > 0
           join lateral (
                select e.seq from khop.line_event e where e.bucket = p_bucket and e.account_id = f.account_id and e.line_no = r.line_no limit 1) e on true
          where r.bucket = p_bucket and r.file_id = p_file_id;
        perform khop.statement_items(p_bucket, f.org_id, f.account_id, f.covered_from, f.covered_to, p_now);
        doc := (select jsonb_build_object('statement', khop.id_text('stm', f.file_id), 'repeated', p_repeated, 'format', f.format, 'profile', f.profile,
            'from', f.covered_from,
            'to', f.covered_to, 'lines', f.lines, 'new_lines', case when p_repeated then 0 else f.new_lines end, 'linked', p_linked, 'healed', p_healed,
            'gaps', count(*) filter (where i.reason = 1), 'not_on_statement', count(*) filter (where i.reason = 2), 'amount_conflicts',
                count(*) filter (where i.reason = 3))::text
              from khop.statement_item i join khop.exception x on x.bucket = i.bucket and x.exception_id = i.exception_id and x.state in ('open', 'proposed')
             where i.bucket = p_bucket and i.account_id = f.account_id);
    end if;
    return next;
end $f$;
alter function khop.statement_review owner to khop_fn_settle;
revoke all on function khop.statement_review from public;
grant execute on function khop.statement_review to khop_jobs;
comment on function khop.statement_review is 'Opens and closes what people must know of a file';
