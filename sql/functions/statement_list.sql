-- Files of the token's organisation, in the order in which they came; the next page begins after (time, id) of the last row. doc: see statement_doc.
create or replace function khop.statement_list(p_token bytea, p_now timestamptz, p_account int8, p_after_time timestamptz, p_after_id int8, p_limit int4)
returns table (rc int2, stored_at timestamptz, file_id int8, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_login record;
    v_after_time constant timestamptz := coalesce(p_after_time, '-infinity'); -- COALESCE beside a column keeps row level security from using the index
    v_after_id constant int8 := coalesce(p_after_id, 0);
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 4);
    if v_login.rc <> 0 then
        rc := v_login.rc;
        return next;
        return;
    end if;
    return query
    select 0::int2, f.stored_at, f.file_id, khop.statement_doc(f)
      from khop.statement_file f
     where f.bucket = v_login.bucket and f.org_id = v_login.org_id and (p_account is null or f.account_id = p_account)
       and (f.stored_at, f.file_id) > (v_after_time, v_after_id)
     order by f.stored_at, f.file_id limit least(p_limit, 1000);
end $f$;
alter function khop.statement_list owner to khop_fn_org;
revoke all on function khop.statement_list from public;
grant execute on function khop.statement_list to khop_serve;
comment on function khop.statement_list is 'Files of the bank that an organisation has uploaded';
