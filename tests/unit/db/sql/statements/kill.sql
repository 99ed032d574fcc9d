-- retry: no
-- role: owner
select count(*), count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1::text and pid <> pg_backend_pid()
