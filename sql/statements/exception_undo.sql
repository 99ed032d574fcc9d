-- retry: no
-- role: serve
-- $1 token, $2 now, $3 exception, $4 reason, $5 address of a receipt that it may need, $6 visitor → rc, why
select * from khop.exception_undo(khop.visit($1::bytea, $6::text), $2::timestamptz, $3::int8, $4::text, $5::bytea)
