-- retry: no
-- role: owner
with s as (select setval('khop.fault_seq', 1, false)) update khop.fault set state = $1::text, times = $2::int8 from s
