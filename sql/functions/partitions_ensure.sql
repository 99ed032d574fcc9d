-- Settlement's guard: no row may miss its partition. The jobs process makes them months ahead (maintain); should it have been
-- away, the partitions of this and the next month are made here. Costs two look-ups by name.
create or replace function khop.partitions_ensure(p_today date) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
begin
    if to_regclass('khop.notice_' || to_char(p_today, 'YYYYMM')) is null
       or to_regclass('khop.notice_' || to_char(p_today + interval '1 month', 'YYYYMM')) is null then
        perform khop.partitions_make(p_today);
    end if;
end $f$;
alter function khop.partitions_ensure owner to khop_owner;
revoke all on function khop.partitions_ensure from public;
grant execute on function khop.partitions_ensure to khop_fn_settle;
comment on function khop.partitions_ensure is 'Makes the partitions of this and the next month if they are missing';
