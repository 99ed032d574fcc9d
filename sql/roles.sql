-- Who may do what (security.md §5). Applied before everything else, every time: creates what is missing, changes nothing
-- that stands. Logins get no password here: peer authentication on the socket, or SCRAM set by the operator.
--   khop_owner      owns schemas, tables and types; only migrations and the command line become it
--   khop_fn_settle  owns the functions that write the books: INSERT on journals, UPDATE on counters, nothing else
--   khop_fn_org     owns the functions behind pages and the API; sees only the organisation that has logged in (row level security)
--   khop_serve, khop_jobs   processes: EXECUTE on their own lists, no right on any table
--   khop_audit      reads schema audit, cannot write
do $$
declare
    v_role text;
begin
    foreach v_role in array array['khop_owner', 'khop_fn_settle', 'khop_fn_org'] loop
        if not exists (select 1 from pg_catalog.pg_roles r where r.rolname = v_role) then
            execute format('create role %I nologin noinherit', v_role);
        end if;
    end loop;
    foreach v_role in array array['khop_serve', 'khop_jobs', 'khop_audit'] loop
        if not exists (select 1 from pg_catalog.pg_roles r where r.rolname = v_role) then
            execute format('create role %I login noinherit', v_role);
        end if;
    end loop;
    -- Whoever migrates makes things in the name of the owners. A superuser may anyway.
    if not (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) then
        execute format('grant khop_owner, khop_fn_settle, khop_fn_org to %I', current_user);
    end if;
end $$;

alter role khop_audit set default_transaction_read_only = on;
alter role khop_audit set statement_timeout = '10min';
-- No statement_timeout for khop_serve: a settlement is never cancelled (ledger.md §5); readers set theirs when they connect.
alter role khop_serve set idle_in_transaction_session_timeout = '10s';
alter role khop_jobs set idle_in_transaction_session_timeout = '60s';
-- Statements of milliseconds: compiling them costs more than it saves.
alter role khop_serve set jit = off;
alter role khop_jobs set jit = off;
