-- Takes back what functions_admit gave.
do $$
begin
    if to_regnamespace('khop') is not null and to_regrole('khop_fn_settle') is not null then
        revoke create on schema khop, audit from khop_fn_settle, khop_fn_org;
    end if;
end $$
