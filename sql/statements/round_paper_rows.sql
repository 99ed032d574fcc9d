-- retry: yes
-- role: jobs
-- $1 bucket, $2 job, $3 worker, $4 now, $5 after place, $6 limit → rc, place, ref, name, given_name, class, amount, got, state, code_no, paid_at
select * from khop.round_paper_rows($1::int4, $2::int8, $3::int8, $4::timestamptz, $5::int4, $6::int4)
