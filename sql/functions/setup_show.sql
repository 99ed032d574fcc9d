-- Whether the first administrator is still to be made, and with a good code (p_hash) in which organisations that may be.
-- rc -4: there are users, -6: not a good code.
create or replace function khop.setup_show(p_now timestamptz, p_hash bytea)
returns table (rc int2, org_id int8, name text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
begin
    rc := case when exists (select 1 from khop.app_user u) then -4
               when not exists (select 1 from khop.setup_code c where c.code_hash = p_hash and c.created_at > p_now - interval '1 day') then -6
               else 0 end;
    if rc <> 0 then
        return next;
        return;
    end if;
    return query select 0::int2, o.org_id, o.name from khop.org o order by o.name, o.org_id limit 200;
    if not found then
        return next;
    end if;
end $f$;
alter function khop.setup_show owner to khop_owner;
revoke all on function khop.setup_show from public;
grant execute on function khop.setup_show to khop_serve;
comment on function khop.setup_show is 'Whether the first administrator is to be made';
