-- Payout lists of the token's organisation, the newest month first: a document with a page of them, from behind a row by its key: the day of
-- its month as a number, and its id. Each item has its key.
create or replace function khop.payout_list(p_token bytea, p_now timestamptz, p_after_day int4, p_after_id int8, p_limit int4)
returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
declare
    v_login record;
    -- COALESCE beside a column keeps row level security from using the index.
    v_after_month constant date := case when p_after_id is null then 'infinity' else date '1970-01-01' + p_after_day end;
    v_after_id constant int8 := coalesce(p_after_id, 0);
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 64 | 128 | 256);
    rc := v_login.rc;
    if rc = 0 then
        doc := (
            with x as (
                select p.*, row_number() over (order by p.month desc, p.payout_id desc) as place from khop.payout p
                 where p.bucket = v_login.bucket and p.org_id = v_login.org_id and (p.month, p.payout_id) < (v_after_month, v_after_id)
                 order by p.month desc, p.payout_id desc limit p_limit)
            select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('key', jsonb_build_array(x.month - date '1970-01-01', x.payout_id),
                       'id', khop.id_text('lst', x.payout_id), 'name', x.name,
                       'month', to_char(x.month, 'YYYY-MM'), 'pay_by', x.pay_by, 'state', x.state, 'lines', x.lines, 'issued', x.issued,
                       'amount', x.amount, 'created_at', khop.time_text(x.created_at)) order by x.place), '[]'))
              from x)::text;
    end if;
    return next;
end
$f$;
alter function khop.payout_list owner to khop_fn_org;
revoke all on function khop.payout_list from public;
grant execute on function khop.payout_list to khop_serve;
comment on function khop.payout_list is 'Payout lists of an organisation';
