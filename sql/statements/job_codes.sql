-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 job, $4 after line, $5 limit, $6 visitor → rc, format, line, charge_id, code_no, token, ref
select * from khop.job_codes(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::int4, $5::int4)
