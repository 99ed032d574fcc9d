-- Month partitions of the raw notices: from the earliest of (existing, today) without a gap to three months after today.
-- One maker at a time: the lock is held to the end of the transaction.
create or replace function khop.partitions_make(p_today date) returns int4
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_from date;
    v_to date;
    v_month date;
    v_name text;
    v_made int4 := 0;
begin
    perform pg_advisory_xact_lock(hashtext('khop.partitions_make'));
    select date_trunc('month', least(p_today, min(to_date(right(c.relname, 6), 'YYYYMM'))))::date,
           greatest(date_trunc('month', p_today) + interval '3 months', max(to_date(right(c.relname, 6), 'YYYYMM')))::date
      into v_from, v_to
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'khop.notice'::regclass;
    if v_to - v_from > 200 * 31 then
        raise exception 'partitions from % to %: the clock is wrong', v_from, v_to using errcode = 'data_exception';
    end if;
    for v_month in select generate_series(v_from, v_to, interval '1 month')::date loop
        v_name := 'notice_' || to_char(v_month, 'YYYYMM');
        if to_regclass('khop.' || v_name) is null then
            execute format('create table khop.%I partition of khop.notice for values from (%L) to (%L)',
                v_name, v_month, (v_month + interval '1 month')::date);
            execute format('alter table khop.%I enable row level security', v_name);
            execute format('alter table khop.%I force row level security', v_name);
            v_made := v_made + 1;
        end if;
    end loop;
    return v_made;
end $f$;
alter function khop.partitions_make owner to khop_owner;
revoke all on function khop.partitions_make from public;
comment on function khop.partitions_make is 'Makes the missing month partitions around a day; how many it made';
