-- Up to this many đồng one person alone corrects what the bank contradicts; above it, and always when the event stands on a closed day, a second
-- person agrees (ledger.md §6.8). Plain SQL: reads no table.
create or replace function khop.alone_limit() returns int8 language sql immutable as $f$
    select 5000000::int8
$f$;
alter function khop.alone_limit owner to khop_owner;
revoke all on function khop.alone_limit from public;
grant execute on function khop.alone_limit to khop_fn_org, khop_fn_settle;
comment on function khop.alone_limit is 'Up to this sum one person alone corrects what the bank contradicts';
