-- retry: yes
-- role: serve
-- $1 token, $2 now, $3 budget_code, $4 address, $5 form, $6 circular, $7 collector, $8 hotline (NULL: what stands there by itself), $9
-- visitor → rc
select * from khop.paper_setting_save(khop.visit($1::bytea, $9::text), $2::timestamptz, $3::text, $4::text, $5::text, $6::text, $7::text,
    $8::text)
