-- Whether a role needs a second factor (security.md §4): those who see secrets, move money or approve. Reads no table.
create or replace function khop.role_factor(role text) returns bool language sql immutable as $f$
    select role in ('administrator', 'accountant', 'principal', 'commune_maker', 'commune_checker')
$f$;
alter function khop.role_factor owner to khop_owner;
revoke all on function khop.role_factor from public;
comment on function khop.role_factor is 'Whether a role needs a second factor';
