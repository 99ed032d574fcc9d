-- What has become of deliveries is kept for thirty days.
create or replace function khop.delivery_prune(p_now timestamptz) returns int8
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
declare
    v_n int8;
begin
    delete from khop.delivery d where d.state <> 'pending' and d.happened_at < p_now - interval '30 days';
    get diagnostics v_n = row_count;
    return v_n;
end $f$;
alter function khop.delivery_prune owner to khop_owner;
revoke all on function khop.delivery_prune from public;

comment on function khop.delivery_prune is 'Forgets deliveries that ended a month ago';
