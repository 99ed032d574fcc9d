-- retry: no
-- role: serve
-- $1 token, $2 now, $3 exception, $4 agree, $5 reason, $6 candidates for a payout code, $7 token of its page, $8 visitor → rc, why
select * from khop.exception_decide(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::int8, $4::bool, $5::text, $6::int4[], $7::bytea)
