-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 account or NULL, $4 after time, $5 after id, $6 limit, $7 visitor → rc, stored_at, file_id, doc
select * from khop.statement_list(khop.visit($1::bytea, $7::text), $2::timestamptz, $3::int8, $4::timestamptz, $5::int8, $6::int4)
