-- Stalls of the organisation by id, for who manages them; for a seller, his own. Nothing here tells what was taken. The next page begins
-- after the last id. With p_vendors, who manages gets rows with a NULL id in front: an empty one, and one for each seller to choose from.
create or replace function khop.stall_list(p_token bytea, p_now timestamptz, p_after int8, p_limit int4, p_vendors bool) returns setof khop.stall_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
declare
    v_login record;
    v_after constant int8 := coalesce(p_after, 0); -- COALESCE beside a column keeps row level security from using the index
    v_manages bool;
    v_row khop.stall_row;
begin
    select * into v_login from khop.login(p_token, p_now, 8 | 32);
    v_manages := khop.scopes_of(p_token) & 8 <> 0;
    v_row.rc := v_login.rc;
    if v_row.rc <> 0 then
        return next v_row;
        return;
    end if;
    if v_manages and p_vendors then
        return next v_row;
        return query select 0::int2, null::int8, null::text, null::text, null::int8, null::text, null::text, null::text, null::int8, null::int4,
                            null::bytea, v.user_id, v.name, null::timestamptz, null::timestamptz, null::text, null::text
                       from khop.vendor_list(v_login.org_id) v;
    end if;
    return query select * from khop.stall_rows(v_login.bucket, (
        select array_agg(x.stall_id) from (
            select s.stall_id from khop.stall s
              join lateral (select a.* from khop.account a where a.account_id = s.account_id limit 1) a on true
             where s.bucket = v_login.bucket and s.org_id = v_login.org_id and s.stall_id > v_after
               and (v_manages or a.owner_id = v_login.token_id)
             order by s.stall_id limit least(p_limit, 1000)) x));
end $f$;
alter function khop.stall_list owner to khop_fn_org;
revoke all on function khop.stall_list from public;
grant execute on function khop.stall_list to khop_serve;
comment on function khop.stall_list is 'Stalls, of the organisation or of the seller';
