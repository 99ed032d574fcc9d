-- Issues the next charges of an approved round, as many as codes are given at most, and counts them in the same transaction: what is issued is
-- marked at its
-- place, so a part is issued once whoever asks again. Place n becomes charge charge_base + n. A code that is taken is drawn again from p_seed.
-- rc -5: the job is this worker's no more. done = total: nothing is left (or the round was cancelled meanwhile).
create or replace function khop.round_issue(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_seed int8, p_codes int4[],
    p_tokens bytea[])
returns table (rc int2, done int4, total int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
declare
    v_job khop.job;
    v_round khop.round;
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
    -- Before the round is looked at: cancelling it takes the same lock. Credit is used at the end, which writes books.
    perform khop.book_lock(p_bucket, v_job.org_id);
    select * into v_round from khop.round r where r.bucket = p_bucket and r.round_id = (v_job.params ->> 'round')::int8 and r.org_id = v_job.org_id;
    if v_round.round_id is null or v_round.state <> 'approved' then
        done := coalesce(v_round.issued, 0);
        total := done;
        return next;
        return;
    end if;
    v_places := array(select p.place from khop.round_payer p
                       where p.bucket = p_bucket and p.round_id = v_round.round_id and p.code_no is null and p.amount > 0 order by p.place
                           limit cardinality(p_codes));
    v_n := cardinality(v_places);
    v_codes := khop.codes_drawn(p_bucket, p_codes[1:v_n], v_round.charge_base, p_seed);
    if v_n > 0 then
        insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, direction, of_payer)
        select p_bucket, x.code, v_round.charge_base + x.place, v_job.org_id, v_round.account_id, p.amount, 1, true
          from unnest(v_codes, v_places) x (code, place)
          join lateral (select p.* from khop.round_payer p where p.bucket = p_bucket and p.round_id = v_round.round_id and p.place = x.place
              limit 1) p on true
         order by x.code;
        insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, due_on, token, created_at, created_by, payer_id)
        select p_bucket, v_round.charge_base + x.place, v_job.org_id, v_round.account_id, x.code, 'B', p.amount, v_round.name, v_round.due_on,
            x.token, v_round.approved_at,
               v_round.proposed_by, p.payer_id
          from unnest(v_codes, v_places, p_tokens[1:v_n]) x (code, place, token)
          join lateral (select p.* from khop.round_payer p where p.bucket = p_bucket and p.round_id = v_round.round_id and p.place = x.place
              limit 1) p on true;
        insert into khop.party (bucket, charge_id, role, org_id, ref, name, class)
        select p_bucket, v_round.charge_base + x.place, 1, v_job.org_id, y.ref, y.name, p.class
          from unnest(v_places) x (place)
          join lateral (select p.* from khop.round_payer p where p.bucket = p_bucket and p.round_id = v_round.round_id and p.place = x.place
              limit 1) p on true
          join lateral (select y.* from khop.payer y where y.bucket = p_bucket and y.payer_id = p.payer_id limit 1) y on true;
        insert into khop.charge_line (bucket, charge_id, place, org_id, label, amount)
        select p_bucket, v_round.charge_base + x.place, row_number() over (partition by x.place order by l.place), v_job.org_id, l.label, l.amount
          from unnest(v_places) x (place)
          join lateral (select p.* from khop.round_payer p where p.bucket = p_bucket and p.round_id = v_round.round_id and p.place = x.place
              limit 1) p on true
         cross join lateral (
               select l.* from khop.round_line l where l.bucket = p_bucket and l.round_id = v_round.round_id and l.payer_id = p.payer_id
                order by l.place limit 50) l;
        update khop.round_payer p set code_no = x.code
          from (select p_bucket as bucket, v_round.round_id, u.code, u.place from unnest(v_codes, v_places) u (code, place) offset 0) x
         where p.bucket = x.bucket and p.round_id = x.round_id and p.place = x.place;
        update khop.round r set issued = r.issued + v_n where r.bucket = p_bucket and r.round_id = v_round.round_id;
        if khop.credit_use(p_bucket, v_job.org_id, p_now, array(
               select p.payer_id from unnest(v_places) u (place)
                 join lateral (select p.payer_id from khop.round_payer p where p.bucket = p_bucket and p.round_id = v_round.round_id and p.place = u.place
                     limit 1) p on true)) <> 0 then
            raise exception 'round_issue: credit that is there cannot be used'; -- a fault of ours: the part is tried again
        end if;
    end if;
    done := v_round.issued + v_n;
    total := case when v_n < cardinality(p_codes) then done else v_round.charges end;
    return next;
end $f$;
alter function khop.round_issue owner to khop_fn_org;
revoke all on function khop.round_issue from public;
grant execute on function khop.round_issue to khop_jobs;
comment on function khop.round_issue is 'Issues the next charges of a round';
