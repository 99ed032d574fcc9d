-- One file of the token's organisation. rc -4: none of theirs.
create or replace function khop.statement_get(p_token bytea, p_now timestamptz, p_file_id int8) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
as $f$
declare
    v_login record;
    v_file khop.statement_file;
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 4);
    rc := v_login.rc;
    if rc = 0 then
        select * into v_file from khop.statement_file f where f.bucket = v_login.bucket and f.file_id = p_file_id and f.org_id = v_login.org_id;
        rc := case when v_file.file_id is null then -4 else 0 end;
        doc := khop.statement_doc(v_file);
    end if;
    return next;
end $f$;
alter function khop.statement_get owner to khop_fn_org;
revoke all on function khop.statement_get from public;
grant execute on function khop.statement_get to khop_serve;
comment on function khop.statement_get is 'A file of the bank';
