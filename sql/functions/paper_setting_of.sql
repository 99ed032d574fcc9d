-- What an organisation's papers say about it, with what stands there where nothing has been set: the form of today's circular.
create or replace function khop.paper_setting_of(p_bucket int4, p_org_id int8) returns khop.paper_setting
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_set khop.paper_setting;
begin
    select * into v_set from khop.paper_setting s where s.bucket = p_bucket and s.org_id = p_org_id;
    v_set.bucket := p_bucket;
    v_set.org_id := p_org_id;
    v_set.form := coalesce(v_set.form, 'C45-BB');
    v_set.circular := coalesce(v_set.circular, 'Ban hành kèm theo Thông tư số 24/2024/TT-BTC ngày 17/4/2024 của Bộ Tài chính');
    return v_set;
end $f$;
alter function khop.paper_setting_of owner to khop_fn_org;
revoke all on function khop.paper_setting_of from public;
comment on function khop.paper_setting_of is 'What the papers of an organisation say about it';
