-- Notes who asks (the id of the request and its address, with a blank between; NULL: nobody out there), for the audit events of this transaction, and
-- hands the token on: statements put it around the token of the caller, so that no function has to pass it along. Reads no table.
create or replace function khop.visit(token bytea, p_visitor text) returns bytea language plpgsql volatile as $f$
begin
    perform pg_catalog.set_config('khop.visitor', coalesce(p_visitor, ''), true);
    return token;
end $f$;
alter function khop.visit owner to khop_owner;
revoke all on function khop.visit from public;
grant execute on function khop.visit to khop_serve, khop_jobs;
comment on function khop.visit is 'Notes who asks, for audit events';
