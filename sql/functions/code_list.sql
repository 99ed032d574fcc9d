-- Codes of the token's organisation in the order of their issue, without receipts; the next page begins after (time, id) of the last row.
-- A page is read along its index, in order, and stops at the limit.
create or replace function khop.code_list(p_token bytea, p_now timestamptz, p_status text, p_account_id int8, p_after_time timestamptz,
    p_after_id int8, p_limit int4) returns setof khop.code_row
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_sort = off
set enable_material = off
set join_collapse_limit = 1
as $f$
declare
    v_login record;
    v_after_time constant timestamptz := coalesce(p_after_time, '-infinity'); -- COALESCE beside a column keeps row level security from using the index
    v_after_id constant int8 := coalesce(p_after_id, 0);
    v_buckets int4[];
    v_ids int8[];
    v_row khop.code_row;
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    if v_login.rc <> 0 then
        v_row.rc := v_login.rc;
        return next v_row;
        return;
    end if;
    select array_agg(x.bucket), array_agg(x.charge_id) into v_buckets, v_ids from (
        select c.bucket, c.charge_id from khop.charge c
          join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = c.code_no limit 1) d on true
         where c.bucket = v_login.bucket and c.org_id = v_login.org_id
           and (c.created_at, c.charge_id) > (v_after_time, v_after_id)
           and (p_account_id is null or c.account_id = p_account_id)
           and (p_status is null or khop.charge_status(d.cancelled, d.due, d.paid + d.adjusted, c.due_on, d.last_paid_at) = p_status)
         order by c.created_at, c.charge_id limit least(p_limit, 1000)) x;
    return query select * from khop.code_rows(v_buckets, v_ids, null);
end $f$;
alter function khop.code_list owner to khop_fn_org;
revoke all on function khop.code_list from public;
grant execute on function khop.code_list to khop_serve;
comment on function khop.code_list is 'Codes of an organisation, by time of issue';
