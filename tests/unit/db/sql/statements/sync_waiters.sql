-- retry: yes
-- role: owner
select count(*) from pg_stat_activity where application_name = $1::text and wait_event = 'SyncRep'
