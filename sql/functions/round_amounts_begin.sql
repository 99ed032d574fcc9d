-- Of a job about amounts of single pupils (params: round): the items of the round, as a JSON array of names in their order.
-- rc -4: no round of theirs, -1: it is no draft, -5: the job is this worker's no more.
create or replace function khop.round_amounts_begin(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_job khop.job;
    v_round khop.round;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc = 0 then
        select * into v_round from khop.round r where r.bucket = p_bucket and r.round_id = (v_job.params ->> 'round')::int8 and r.org_id = v_job.org_id;
        rc := case when v_round.round_id is null then -4 when v_round.state <> 'draft' then -1 else 0 end;
    end if;
    if rc = 0 then
        doc := (select coalesce(jsonb_agg(i.label order by i.place), '[]') from khop.round_item i where i.bucket = p_bucket and i.round_id = v_round.round_id)::text;
    end if;
    return next;
end $f$;
alter function khop.round_amounts_begin owner to khop_fn_org;
revoke all on function khop.round_amounts_begin from public;
grant execute on function khop.round_amounts_begin to khop_jobs;
comment on function khop.round_amounts_begin is 'The items that a list of amounts may name';
