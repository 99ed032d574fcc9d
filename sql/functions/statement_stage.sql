-- Keeps rows of a statement that a job reads. a_counter: keyed hash of the other side's account (flow/account_hash.h). c_place says whose code candidate n is: the
-- place of its row. rc -5: the job is this worker's no more.
create or replace function khop.statement_stage(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz,
    a_place int4[], a_row int4[], a_date date[], a_second int4[], a_amount int8[], a_balance int8[], a_unique bool[], a_reversal bool[],
    a_reference text[], a_memo text[], a_name text[], a_account text[], a_bank text[], a_counter bytea[], c_place int4[], c_code int4[], c_how int2[])
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
set enable_nestloop = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 then
        insert into khop.statement_stage (bucket, job_id, place, org_id, file_row, bank_date, second, amount, balance_after, code_no, by_reference, reversal,
               reference, memo, memo_key, codes, hows, counter_name, counter_account, counter_bank, counter_hash)
        select p_bucket, p_job_id, a.place, v_job.org_id, a.row, a.date, a.second, a.amount, a.balance, case when c.sure = 1 then c.code end, a.uniq, a.reversal,
               nullif(a.reference, ''), nullif(a.memo, ''), khop.memo_key(a.memo), coalesce(c.codes, '{}'), coalesce(c.hows, '{}'),
               nullif(a.name, ''), nullif(a.account, ''), nullif(a.bank, ''), a.counter
          from unnest(a_place, a_row, a_date, a_second, a_amount, a_balance, a_unique, a_reversal, a_reference, a_memo, a_name, a_account, a_bank, a_counter)
               a (place, row, date, second, amount, balance, uniq, reversal, reference, memo, name, account, bank, counter)
          left join (select c.place, array_agg(c.code order by c.o) as codes, array_agg(c.how order by c.o) as hows, count(*) filter (where c.how = 1) as sure,
                            min(c.code) filter (where c.how = 1) as code
                       from unnest(c_place, c_code, c_how) with ordinality c (place, code, how, o) group by c.place) c on c.place = a.place
        on conflict do nothing;
    end if;
    return next;
end $f$;
alter function khop.statement_stage owner to khop_fn_settle;
revoke all on function khop.statement_stage from public;
grant execute on function khop.statement_stage to khop_jobs;
comment on function khop.statement_stage is 'Keeps rows of a statement that a job reads';
