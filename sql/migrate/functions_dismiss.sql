-- Takes back what functions_admit gave. Drops what stayed behind when a function got other parameters: of its name there is a newer one.
do $$
declare
    v_before constant text[] := string_to_array(current_setting('khop.functions'), ',');
    v_old regprocedure;
begin
    if to_regnamespace('khop') is not null and to_regrole('khop_fn_settle') is not null then
        revoke create on schema khop, audit from khop_fn_settle, khop_fn_org;
    end if;
    for v_old in select p.oid from pg_proc p
                  where p.pronamespace = to_regnamespace('khop') and p.oid || ':' || p.xmin = any (v_before)
                    and exists (select from pg_proc n where n.pronamespace = p.pronamespace and n.proname = p.proname and n.oid || ':' || n.xmin <> all (v_before)) loop
        execute 'drop function ' || v_old;
    end loop;
end $$
