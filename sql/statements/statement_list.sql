-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 account or NULL, $4 after time, $5 after id, $6 limit → rc, stored_at, file_id, doc
select * from khop.statement_list($1::bytea, $2::timestamptz, $3::int8, $4::timestamptz, $5::int8, $6::int4)
