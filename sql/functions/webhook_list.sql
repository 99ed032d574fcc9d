-- Webhooks of the token's organisation by id, or only one; ended ones as well. What waits for each is counted up to a thousand.
create or replace function khop.webhook_list(p_token bytea, p_now timestamptz, p_id int8, p_after int8, p_limit int4)
returns table (rc int2, webhook_id int8, url text, types text, created_at timestamptz, failing_since timestamptz, ended_at timestamptz,
    ended_why text, two_secrets bool, waiting int4)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_after constant int8 := coalesce(p_after, 0); -- COALESCE beside a column keeps row level security from using the index
begin
    select * into v_login from khop.login(p_token, p_now, 8);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query
    select 0::int2, w.webhook_id, w.url, array_to_string(w.types, ','), w.created_at, w.failing_since, w.ended_at, w.ended_why, coalesce(w.before_until > p_now, false),
           (select count(*) from (select 1 from khop.delivery d
                                   where d.bucket = w.bucket and d.webhook_id = w.webhook_id and d.state = 'pending' limit 1000) x)::int4
      from khop.webhook w
     where w.bucket = v_login.bucket and w.org_id = v_login.org_id and w.webhook_id > v_after
       and (p_id is null or w.webhook_id = p_id)
     order by w.webhook_id limit least(p_limit, 1000);
end $f$;
alter function khop.webhook_list owner to khop_fn_org;
revoke all on function khop.webhook_list from public;
grant execute on function khop.webhook_list to khop_serve;
comment on function khop.webhook_list is 'Webhooks of the organisation';
