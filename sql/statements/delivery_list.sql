-- retry: no
-- role: serve
-- $1 token, $2 now, $3 webhook, $4 type, $5 event (or NULL), $6 after time, $7 after type, $8 after event, $9 limit
--, $10 visitor → rc, type, event, time, state, tries, replays, next, last, status, error, ms
select * from khop.delivery_list(khop.visit($1::bytea, $10::text), $2::timestamptz, $3::int8, $4::int2, $5::int8, $6::timestamptz,
    $7::int2, $8::int8, $9::int4)
