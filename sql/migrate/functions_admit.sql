-- Functions and views get owners of their own. Whoever hands one over and is no superuser needs the new owner to have the
-- right to create in the schema: it has it until the end of this transaction. And what functions there are is kept for functions_dismiss.
do $$
begin
    if to_regnamespace('khop') is not null and to_regrole('khop_fn_settle') is not null then
        grant create on schema khop, audit to khop_fn_settle, khop_fn_org;
    end if;
    perform set_config('khop.functions', (select coalesce(string_agg(p.oid || ':' || p.xmin, ','), '') from pg_proc p
                                           where p.pronamespace = to_regnamespace('khop')), true);
end $$
