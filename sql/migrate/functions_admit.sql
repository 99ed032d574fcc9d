-- Functions and views get owners of their own. Whoever hands one over and is no superuser needs the new owner to have the
-- right to create in the schema: it has it until the end of this transaction.
do $$
begin
    if to_regnamespace('khop') is not null and to_regrole('khop_fn_settle') is not null then
        grant create on schema khop, audit to khop_fn_settle, khop_fn_org;
    end if;
end $$
