-- Rounds of the token's organisation, the newest first: a document with a page of them.
create or replace function khop.round_list(p_token bytea, p_now timestamptz, p_after int4, p_limit int4) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    rc := v_login.rc;
    if rc = 0 then
        doc := (
            with x as (
                select r.*, row_number() over (order by r.created_at desc, r.round_id desc) as place from khop.round r
                 where r.bucket = v_login.bucket and r.org_id = v_login.org_id
                 order by r.created_at desc, r.round_id desc limit p_after + p_limit)
            select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('place', x.place, 'id', khop.id_text('rnd', x.round_id),
                       'name', x.name, 'month', to_char(x.month, 'YYYY-MM'), 'due_on', x.due_on, 'state', x.state, 'payers', x.payers,
                       'charges', x.charges, 'issued', x.issued, 'amount', x.amount, 'created_at', khop.time_text(x.created_at))
                       order by x.place) filter (where x.place > p_after), '[]'))
              from x)::text;
    end if;
    return next;
end $f$;
alter function khop.round_list owner to khop_owner;
revoke all on function khop.round_list from public;
grant execute on function khop.round_list to khop_serve;
comment on function khop.round_list is 'Rounds of an organisation';
