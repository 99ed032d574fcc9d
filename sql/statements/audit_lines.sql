-- retry: no
-- role: owner
-- $1 buckets, $2 organisations, $3 seqs, $4 limit → rc, line
select * from khop.audit_lines($1::int4[], $2::int8[], $3::int8[], $4::int4)
