-- retry: yes
-- role: owner
select count(*), coalesce(sum(n), 0)::int8, (select count(*) from khop.batch_log), count(distinct ext) from khop.item
