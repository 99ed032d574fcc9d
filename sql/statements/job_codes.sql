-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 job, $4 after line, $5 limit → rc, format, line, charge_id, code_no, token, ref
select * from khop.job_codes($1::bytea, $2::timestamptz, $3::int8, $4::int4, $5::int4)
