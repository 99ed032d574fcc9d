-- Issues the codes of one part of a job and counts them in the same transaction: a part is issued once, whoever asks again.
-- A bill's lines come apart from it: p_line_of says which code of the part they belong to, from 1, ascending.
-- A reference that names a payer makes a charge that payer's, as code_issue does; its credit is used but on the lines of p_no_credit.
-- Line n becomes charge first_id + n; its kind is in the code. A code that is taken is drawn again from p_seed and the charge's id.
-- rc -5 the job is this worker's no more, or this is no part of it; -4 an account is not theirs; -13 no code is free.
create or replace function khop.job_issue(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz, p_first int4, p_seed int8,
    p_codes int4[], p_tokens bytea[], p_accounts int8[], p_amounts int8[], p_labels text[], p_refs text[], p_names text[],
    p_payee_bins text[], p_payee_nos text[], p_payee_names text[], p_due date[], p_expires timestamptz[],
    p_classes text[] default null, p_line_of int4[] default null, p_line_labels text[] default null, p_line_amounts int8[] default null,
    p_no_credit int4[] default null)
returns table (rc int2, done int4, state text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $f$
#variable_conflict use_column
declare
    v_n constant int4 := cardinality(p_codes);
    v_job khop.job;
    v_base int8;
    v_payers int8[];
    v_rich int8[];
    v_codes int4[];
    v_directions int2[];
    v_count int4;
begin
    select * into v_job from khop.enter_job(p_bucket, p_job_id, p_worker, null);
    done := v_job.done;
    state := v_job.state;
    rc := case when v_job.total is null or p_first % v_job.part <> 0 or v_n <> least(v_job.part, v_job.total - p_first) then -5
               when exists (select 1 from (select distinct u from unnest(p_accounts) u) x
                             where not exists (select 1 from khop.account a where a.account_id = x.u and a.org_id = v_job.org_id)) then -4
               else 0 end;
    if rc = 0 then
        insert into khop.job_part (bucket, job_id, first, org_id) values (p_bucket, p_job_id, p_first, v_job.org_id) on conflict do nothing;
    end if;
    if rc <> 0 or not found then
        return next;
        return;
    end if;

    v_base := v_job.first_id + p_first;
    v_codes := khop.codes_drawn(p_bucket, p_codes, v_base, p_seed);

    -- Of each kind, by the place of its letter: what a code belongs to is the code's first digit.
    v_directions := array(select k.direction
                            from generate_series(1, 31) g
                            left join lateral (select k.direction from khop.code_kind k
                                where k.letter = substr('23456789ABCDEFGHJKMNPQRSTUVWXYZ', g, 1) limit 1) k on true
                           order by g);
    if cardinality(p_refs) > 0 then
        v_payers := khop.payer_of(p_bucket, v_job.org_id, p_refs);
    end if;
    if v_payers is not null then -- what pays out, and what is open but no card, is nobody's bill
        v_payers := array(
            select case when v_directions[x.code / 28629151 + 1] = 1
                         and (x.amount is not null or substr('23456789ABCDEFGHJKMNPQRSTUVWXYZ', x.code / 28629151 + 1, 1) = 'K') then x.payer end
              from (select unnest(v_codes) as code, unnest(p_amounts) as amount, unnest(v_payers) as payer) x);
        if array_position(v_payers, null) is not null and array_remove(v_payers, null) = '{}' then
            v_payers := null; -- nobody of the list
        end if;
    end if;
    insert into khop.charge_due (bucket, code_no, charge_id, org_id, account_id, due, expires_at, direction, of_payer)
    select p_bucket, x.code, v_base + x.n, v_job.org_id, x.account, x.amount, x.expires, v_directions[x.code / 28629151 + 1], x.payer is not null
      from (select unnest(v_codes) as code, unnest(p_accounts) as account, unnest(p_amounts) as amount, unnest(p_expires) as expires,
                   unnest(v_payers) as payer, generate_series(1, v_n) as n) x
     where v_directions[x.code / 28629151 + 1] is not null
     order by x.code;
    get diagnostics v_count = row_count;
    if v_count <> v_n then
        raise exception 'job_issue: % of % codes are of a known kind', v_count, v_n using errcode = '22023';
    end if;
    insert into khop.charge (bucket, charge_id, org_id, account_id, code_no, kind, amount, label, due_on, expires_at, token, created_at, created_by,
           payer_id)
    select p_bucket, v_base + x.n, v_job.org_id, x.account, x.code, substr('23456789ABCDEFGHJKMNPQRSTUVWXYZ', x.code / 28629151 + 1, 1),
           x.amount, x.label, x.due, x.expires, x.token, v_job.started_at, v_job.created_by, x.payer
      from (select unnest(v_codes) as code, unnest(p_accounts) as account, unnest(p_amounts) as amount, unnest(p_labels) as label,
                   unnest(p_due) as due, unnest(p_expires) as expires, unnest(p_tokens) as token, unnest(v_payers) as payer,
                   generate_series(1, v_n) as n) x;
    insert into khop.party (bucket, charge_id, role, org_id, ref, name, class)
    select p_bucket, v_base + x.n, 1, v_job.org_id, x.ref, coalesce(x.name, y.name), coalesce(x.class, y.class)
      from (select unnest(p_refs) as ref, unnest(p_names) as name, unnest(p_classes) as class, unnest(v_payers) as payer,
                   generate_series(1, v_n) as n) x
      left join lateral (select y.name, y.class from khop.payer y
          where x.payer is not null and y.bucket = p_bucket and y.payer_id = x.payer limit 1) y on true
     where x.ref is not null or x.name is not null or x.class is not null;
    insert into khop.charge_line (bucket, charge_id, place, org_id, label, amount)
    select p_bucket, v_base + x.line_of, row_number() over (partition by x.line_of order by x.n), v_job.org_id, x.label, x.amount
      from unnest(p_line_of, p_line_labels, p_line_amounts) with ordinality x (line_of, label, amount, n);
    insert into khop.party (bucket, charge_id, role, org_id, name, bin, account_no)
    select p_bucket, v_base + x.n, 2, v_job.org_id, x.name, x.bin, x.account_no
      from unnest(p_payee_bins, p_payee_nos, p_payee_names) with ordinality x (bin, account_no, name, n) where x.account_no is not null;

    if v_payers is not null then
        v_rich := array(select x.payer from unnest(v_payers) with ordinality x (payer, n)
                         where x.payer is not null and not coalesce(x.n = any (p_no_credit), false));
        if khop.credit_use(p_bucket, v_job.org_id, p_now, v_rich) <> 0 then
            raise exception 'job_issue: credit that is there cannot be used'; -- a fault of ours: the part is tried again
        end if;
    end if;

    -- Counted whoever holds the job by now, and also when it has been cancelled meanwhile: what is issued is issued.
    update khop.job j set done = j.done + v_n, takes = 1, state = case when j.state = 'running' and j.done + v_n = j.total then 'done' else j.state end,
           finished_at = case when j.state = 'running' and j.done + v_n = j.total then p_now else j.finished_at end
     where j.bucket = p_bucket and j.job_id = p_job_id
    returning j.done, j.state into done, state;
    if state = 'done' then
        delete from khop.job_chunk c where c.bucket = p_bucket and c.job_id = p_job_id;
    end if;
    return next;
end $f$;
alter function khop.job_issue owner to khop_fn_org;
revoke all on function khop.job_issue from public;
grant execute on function khop.job_issue to khop_jobs;
comment on function khop.job_issue is 'Issues the codes of one part of a job';
