-- Sets what the papers of the token's organisation say about it; NULL is what stands there by itself. For accountants and administrators.
create or replace function khop.paper_setting_save(p_token bytea, p_now timestamptz, p_budget_code text, p_address text, p_form text, p_circular text,
    p_collector text, p_hotline text) returns table (rc int2)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 4 | 8);
    rc := v_login.rc;
    if rc = 0 then
        insert into khop.paper_setting as s (bucket, org_id, budget_code, address, form, circular, collector, hotline, changed_at, changed_by)
        values (v_login.bucket, v_login.org_id, p_budget_code, p_address, p_form, p_circular, p_collector, p_hotline, p_now, v_login.token_id)
        on conflict (bucket, org_id) do update set budget_code = excluded.budget_code, address = excluded.address, form = excluded.form,
            circular = excluded.circular, collector = excluded.collector, hotline = excluded.hotline, changed_at = excluded.changed_at,
            changed_by = excluded.changed_by;
    end if;
    return next;
end $f$;
alter function khop.paper_setting_save owner to khop_fn_org;
revoke all on function khop.paper_setting_save from public;
grant execute on function khop.paper_setting_save to khop_serve;
comment on function khop.paper_setting_save is 'Sets what the papers of an organisation say about it';
