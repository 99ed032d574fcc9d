-- What the paper of a receipt says, for the job that makes it (params: receipt; desk and copies for the desk's version). Only the desk's version has
-- who paid and what for, and it is noted that it was printed; again: it had been printed before. rc -5: the job is not the worker's any more;
-- -4: there is no such receipt.
create or replace function khop.job_receipt(p_bucket int4, p_job_id int8, p_worker int8, p_now timestamptz)
returns table (rc int2, unit text, budget_code text, address text, form text, circular text, collector text, year int4, no int8, rid bytea, code_no int4,
    amount int8, paid_at timestamptz, issued_at timestamptz, iss text, kid text, voided bool, void_reason text, outgoing bool, payer text, label text,
    reference text, again bool, desk bool, copies bool,
    payer_address text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_job constant khop.job := khop.enter_job(p_bucket, p_job_id, p_worker, p_now);
    v_set khop.paper_setting;
    v_receipt khop.receipt_row;
    v_out bool;
begin
    rc := case when v_job.job_id is null then -5 else -4 end;
    if v_job.job_id is not null then
        select * into v_receipt from khop.receipt_rows(p_bucket, v_job.org_id,
            array[khop.event_seq(p_bucket, v_job.org_id, (v_job.params ->> 'receipt')::int8)]);
    end if;
    if v_receipt.receipt_id is null then
        return next;
        return;
    end if;
    v_set := khop.paper_setting_of(p_bucket, v_job.org_id);
    desk := coalesce((v_job.params ->> 'desk')::bool, false);
    copies := coalesce((v_job.params ->> 'copies')::bool, false);
    select d.direction = 2 into v_out from khop.charge_due d where d.bucket = p_bucket and d.code_no = v_receipt.code_no;
    if desk then
        insert into khop.receipt_print (bucket, org_id, year, no, job_id, printed_at, printed_by)
        values (p_bucket, v_job.org_id, v_receipt.year, v_receipt.no::int4, p_job_id, p_now, v_job.created_by) on conflict do nothing;
        select p.name into payer from khop.party p where p.bucket = p_bucket and p.charge_id = v_receipt.charge_id and p.role = case when v_out then 2 else 1 end;
        if not v_out then
            select y.address into payer_address
              from (select c.payer_id from khop.charge c where c.bucket = p_bucket and c.charge_id = v_receipt.charge_id limit 1) c
              join lateral (select y.* from khop.payer y where y.bucket = p_bucket and y.payer_id = c.payer_id limit 1) y on true;
        end if;
        again := exists (select from khop.receipt_print x where x.bucket = p_bucket and x.org_id = v_job.org_id and x.year = v_receipt.year
                            and x.no = v_receipt.no and x.job_id <> p_job_id);
        label := v_receipt.label;
        reference := v_receipt.reference;
    end if;
    select v.reason into void_reason from khop.receipt_void v
     where v.bucket = p_bucket and v.org_id = v_job.org_id and v.year = v_receipt.year and v.no = v_receipt.no and desk;
    return query
    select 0::int2, v_receipt.org_name, v_set.budget_code, v_set.address, v_set.form, v_set.circular, v_set.collector, v_receipt.year, v_receipt.no, v_receipt.rid,
           v_receipt.code_no, v_receipt.amount, v_receipt.paid_at, v_receipt.issued_at, v_receipt.iss, v_receipt.kid, v_receipt.voided, void_reason,
           coalesce(v_out, false), payer, label, reference, coalesce(again, false), desk, copies, payer_address;
end $f$;
alter function khop.job_receipt owner to khop_fn_org;
revoke all on function khop.job_receipt from public;
grant execute on function khop.job_receipt to khop_jobs;
comment on function khop.job_receipt is 'What the paper of a receipt says';
