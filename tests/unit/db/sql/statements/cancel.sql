-- retry: no
-- role: owner
select count(pg_cancel_backend(pid)) from pg_stat_activity where application_name = $1::text and wait_event = 'SyncRep'
