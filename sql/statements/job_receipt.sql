-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now → rc, unit, budget_code, address, form, circular, collector, year, no, rid, code_no, amount, paid_at, issued_at, iss,
-- kid, voided, void_reason, outgoing, payer, label, reference, again, desk, copies
select * from khop.job_receipt($1::int4, $2::int8, $3::int8, $4::timestamptz)
