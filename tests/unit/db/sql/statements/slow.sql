-- retry: yes
-- role: serve
select $2::int8, pg_backend_pid() from pg_sleep($1::int4 / 1000.0)
