-- Rounds of the token's organisation, the newest first: a document with a page of them, from behind a row by its key: microseconds since 1970,
-- and its id. Each item has its key.
create or replace function khop.round_list(p_token bytea, p_now timestamptz, p_after_us int8, p_after_id int8, p_limit int4) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_after_at constant timestamptz := case when p_after_id is null then 'infinity' else timestamptz 'epoch' + p_after_us * interval '1 microsecond' end;
    v_after_id constant int8 := coalesce(p_after_id, 0);
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    rc := v_login.rc;
    if rc = 0 then
        doc := (
            with x as (
                select r.*, row_number() over (order by r.created_at desc, r.round_id desc) as place from khop.round r
                 where r.bucket = v_login.bucket and r.org_id = v_login.org_id and (r.created_at, r.round_id) < (v_after_at, v_after_id)
                 order by r.created_at desc, r.round_id desc limit p_limit)
            select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
                       'key', jsonb_build_array((extract(epoch from x.created_at) * 1000000)::int8, x.round_id), 'id', khop.id_text('rnd', x.round_id),
                       'name', x.name, 'month', to_char(x.month, 'YYYY-MM'), 'due_on', x.due_on, 'state', x.state, 'payers', x.payers,
                       'charges', x.charges, 'issued', x.issued, 'amount', x.amount, 'created_at', khop.time_text(x.created_at))
                       order by x.place), '[]'))
              from x)::text;
    end if;
    return next;
end $f$;
alter function khop.round_list owner to khop_owner;
revoke all on function khop.round_list from public;
grant execute on function khop.round_list to khop_serve;
comment on function khop.round_list is 'Rounds of an organisation';
