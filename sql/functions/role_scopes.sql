-- What a role may do, as bits of scopes (see login.sql). 0: no such role. Reads no table.
create or replace function khop.role_scopes(role text) returns int4 language sql immutable as $f$
    select case role when 'administrator' then 1 | 8 when 'accountant' then 1 | 2 | 4 when 'principal' then 1 | 16 when 'vendor' then 32
                     when 'commune_maker' then 1 | 2 | 64 when 'commune_checker' then 1 | 128 when 'auditor' then 1 | 256 else 0 end
$f$;
alter function khop.role_scopes owner to khop_owner;
revoke all on function khop.role_scopes from public;
grant execute on function khop.role_scopes to khop_fn_org;
comment on function khop.role_scopes is 'The scopes of a role';
