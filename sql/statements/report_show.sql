-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 name, $4 filter (JSON), $5 after_a, $6 after_b, $7 limit, $8 visitor → a khop.report_line a row
select * from khop.report_show(khop.visit($1::bytea, $8::text), $2::timestamptz, $3::text, $4::text, $5::int8, $6::int8, $7::int4)
