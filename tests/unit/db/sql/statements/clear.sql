-- retry: no
-- role: owner
with a as (delete from khop.item), b as (delete from khop.batch_log) select 1
