-- A code (its hash) that lets whoever knows it make the first administrator, kept for a day while there is no user.
-- rc -5: there are users.
create or replace function khop.setup_offer(p_now timestamptz, p_hash bytea)
returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
begin
    rc := case when exists (select 1 from khop.app_user u) then -5 else 0 end;
    delete from khop.setup_code c where c.created_at <= p_now - interval '1 day' or rc <> 0;
    if rc = 0 then
        insert into khop.setup_code (code_hash, created_at) values (p_hash, p_now) on conflict do nothing;
    end if;
    return next;
end $f$;
alter function khop.setup_offer owner to khop_owner;
revoke all on function khop.setup_offer from public;
grant execute on function khop.setup_offer to khop_serve;
comment on function khop.setup_offer is 'Offers the making of the first administrator';
