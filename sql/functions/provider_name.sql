-- Names of the providers, as the API and the audit views say them. Plain SQL: inlined, reads no table.
create or replace function khop.provider_name(provider int2) returns text language sql immutable as $f$
    select case provider when 1 then 'sepay' when 2 then 'casso' when 3 then 'payos' when 4 then 'vietqrvn' when 5 then 'standardwebhooks'
                         when 9 then 'statement' when 10 then 'manual' end
$f$;
alter function khop.provider_name owner to khop_owner;
revoke all on function khop.provider_name from public;
grant execute on function khop.provider_name to khop_audit, khop_fn_org, khop_fn_settle;
comment on function khop.provider_name is 'Text name of a provider number';
