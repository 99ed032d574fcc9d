-- Whether an account of the books is one of the bank's, 1121: 112101 … 112199 and 11210100 … 11219999 are an organisation's receiving
-- accounts. Reads no table.
create or replace function khop.is_bank(p_account int4) returns bool language sql immutable parallel safe as $f$
    select p_account between 112101 and 112199 or p_account between 11210100 and 11219999
$f$;
alter function khop.is_bank owner to khop_owner;
revoke all on function khop.is_bank from public;
grant execute on function khop.is_bank to khop_fn_org, khop_fn_settle;
comment on function khop.is_bank is 'Whether an account of the books is a bank account';
