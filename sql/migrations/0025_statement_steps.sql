-- Functions that take or give other things from now on: a file is settled along its rows, and paired again only when the journal has moved on.
set local role khop_owner;
do $$
declare
    v_fn regprocedure;
begin
    for v_fn in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'khop'::regnamespace
                   and p.proname in ('statement_match', 'statement_heal', 'statement_open') loop
        execute 'drop function ' || v_fn;
    end loop;
end $$;


create index line_event_conflict on khop.line_event (bucket, account_id) where rule = 6;
