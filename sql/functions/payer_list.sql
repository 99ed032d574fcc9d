-- Payers of the token's organisation, by class and given name: a document with a page of them and the classes that there are. p_find: part
-- of a name or a number, with or without marks. They come in order by key (payer_order); all of them, since all are counted.
-- It runs as khop_owner and names the organisation itself (see report_charges).
create or replace function khop.payer_list(p_token bytea, p_now timestamptz, p_class text, p_find text, p_left bool, p_after int4, p_limit int4)
returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set join_collapse_limit = 1
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_find constant text := khop.fold(p_find);
    v_doc jsonb;
begin
    select * into v_login from khop.login(p_token, p_now, 1);
    rc := v_login.rc;
    if rc = 0 then
        with found as (
            select p.*, row_number() over (
                order by p.org_id + 0, coalesce(p.class, U&'\FFFF') collate khop.vn, p.given, p.name collate khop.vn, p.ref collate "C")::int4 as place
              from khop.payer p
             where p.bucket = v_login.bucket and p.org_id + 0 = v_login.org_id and (p.left_at is not null) = p_left
               and (p_class is null or p.class = p_class)
               and (v_find is null or strpos(khop.fold(p.name), v_find) > 0 or strpos(khop.fold(p.ref), v_find) > 0)),
        page as (select f.* from found f where f.place > p_after order by f.place limit p_limit)
        select jsonb_build_object('items', coalesce((
                   select jsonb_agg(jsonb_build_object('place', p.place, 'id', khop.id_text('pyr', p.payer_id), 'ref', p.ref, 'name', p.name, 'class', p.class,
                       'household', p.household,
                              'open', coalesce(o.open, 0), 'charges', coalesce(o.n, 0)) order by p.place)
                     from page p
                     left join lateral (
                          select sum(greatest(d.due - d.paid - d.adjusted, 0)) as open, count(*) filter (where d.paid + d.adjusted < d.due) as n
                            from khop.charge c
                            join lateral (select d.* from khop.charge_due d where d.bucket = v_login.bucket and d.code_no = c.code_no
                                limit 1) d on true
                           where c.bucket = v_login.bucket and c.payer_id = p.payer_id and not d.cancelled) o on true), '[]'),
               'count', (select count(*) from found),
               'classes', coalesce((
                   select jsonb_agg(jsonb_build_object('class', x.class, 'payers', x.n) order by x.class collate khop.vn nulls last)
                     from (select p.class, count(*) as n from khop.payer p
                            where p.bucket = v_login.bucket and p.org_id = v_login.org_id and p.left_at is null group by p.class) x), '[]'))
          into v_doc;
        doc := v_doc::text;
    end if;
    return next;
end $f$;
alter function khop.payer_list owner to khop_owner;
revoke all on function khop.payer_list from public;
grant execute on function khop.payer_list to khop_serve;
comment on function khop.payer_list is 'Payers of an organisation, by class and given name';
