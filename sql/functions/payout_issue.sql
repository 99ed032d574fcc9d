-- Issues the codes of the next lines of an approved list, as many as codes are given at most, and counts them in the same transaction: what is issued
-- is marked at its place, so a part is issued once whoever asks again. Place n becomes charge charge_base + n. A code that is taken is drawn again
-- from p_seed. rc -5: the job is this worker's no more. done = total: nothing is left.
create or replace function khop.payout_issue(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_seed int8, p_codes int4[], p_tokens bytea[])
returns table (rc int2, done int4, total int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
    v_payout khop.payout;
    v_places int4[];
    v_codes int4[];
    v_n int4;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    rc := case when v_job.job_id is null then -5 else 0 end;
    if rc <> 0 then
        return next;
        return;
    end if;
    perform khop.head_lock(p_bucket, v_job.org_id);
    select * into v_payout from khop.payout p where p.bucket = p_bucket and p.payout_id = (v_job.params ->> 'payout')::int8 and p.org_id = v_job.org_id;
    done := coalesce(v_payout.issued, 0);
    total := done;
    if v_payout.state is distinct from 'approved' then
        return next;
        return;
    end if;
    v_places := array(select l.place from khop.payout_line l
                       where l.bucket = p_bucket and l.payout_id = v_payout.payout_id and l.code_no is null order by l.place limit cardinality(p_codes));
    v_n := cardinality(v_places);
    v_codes := khop.codes_drawn(p_bucket, p_codes[1:v_n], v_payout.charge_base, p_seed);
    if v_n > 0 then
        insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, direction)
        select p_bucket, x.code, v_payout.charge_base + x.place, v_job.org_id, v_payout.account_id, l.amount, 2
          from unnest(v_codes, v_places) x (code, place)
          join lateral (select l.* from khop.payout_line l where l.bucket = p_bucket and l.payout_id = v_payout.payout_id and l.place = x.place limit 1) l on true
         order by x.code;
        insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, due_on, token, created_at, created_by)
        select p_bucket, v_payout.charge_base + x.place, v_job.org_id, v_payout.account_id, x.code, 'P', l.amount, v_payout.name, v_payout.pay_by, x.token,
               v_payout.approved_at, v_payout.submitted_by
          from unnest(v_codes, v_places, p_tokens[1:v_n]) x (code, place, token)
          join lateral (select l.* from khop.payout_line l where l.bucket = p_bucket and l.payout_id = v_payout.payout_id and l.place = x.place limit 1) l on true;
        insert into khop.party (bucket, charge_id, role, org_id, name, bin, account_no)
        select p_bucket, v_payout.charge_base + x.place, 2, v_job.org_id, l.holder, l.bin, l.account_no
          from unnest(v_places) x (place)
          join lateral (select l.* from khop.payout_line l where l.bucket = p_bucket and l.payout_id = v_payout.payout_id and l.place = x.place limit 1) l on true;
        update khop.payout_line l set code_no = x.code
          from unnest(v_codes, v_places) x (code, place) where l.bucket = p_bucket and l.payout_id = v_payout.payout_id and l.place = x.place;
        update khop.payout p set issued = p.issued + v_n where p.bucket = p_bucket and p.payout_id = v_payout.payout_id;
    end if;
    done := v_payout.issued + v_n;
    total := v_payout.lines;
    return next;
end
$f$;
alter function khop.payout_issue owner to khop_fn_org;
revoke all on function khop.payout_issue from public;
grant execute on function khop.payout_issue to khop_jobs;
comment on function khop.payout_issue is 'Issues the next codes of a payout list';
