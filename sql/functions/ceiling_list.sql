-- The ceilings that the token's organisation is under, as a document: by kind, the newest first.
create or replace function khop.ceiling_list(p_token bytea, p_now timestamptz) returns table (rc int2, doc text)
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
        doc := jsonb_build_object('items', coalesce((
            select jsonb_agg(jsonb_build_object('kind', c.kind, 'amount', c.amount, 'decision', c.decision, 'valid_from', c.valid_from, 'valid_to',
                c.valid_to)
                   order by c.kind, c.valid_from desc, c.created_at desc)
              from khop.fee_ceiling c where c.bucket = v_login.bucket and c.org_id = v_login.org_id), '[]'))::text;
    end if;
    return next;
end $f$;
alter function khop.ceiling_list owner to khop_fn_org;
revoke all on function khop.ceiling_list from public;
grant execute on function khop.ceiling_list to khop_serve;
comment on function khop.ceiling_list is 'Ceilings of fees that an organisation is under';
