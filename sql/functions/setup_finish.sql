-- Makes the first administrator, in an organisation that is there or a new one (p_org_id NULL: p_org_name, p_kind, p_code). `next` as in sign_in_end.
-- rc -4: there are users, or no such organisation, -5: another organisation has that code, -6: not a good code.
create or replace function khop.setup_finish(p_now timestamptz, p_setup bytea, p_random int8, p_login text, p_name text, p_password text,
        p_pepper int2, p_org_id int8, p_org_random int8, p_org_name text, p_kind text, p_code text, p_buckets int4, p_hash bytea,
        p_session_random int8, p_required bool, p_ip text, p_agent text, p_req text)
returns table (rc int2, next text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_org int8;
    v_user int8;
begin
    perform pg_advisory_xact_lock(hashtext('khop.setup'));
    rc := case when exists (select 1 from khop.app_user u) then -4
               when not exists (select 1 from khop.setup_code c where c.code_hash = p_setup and c.created_at > p_now - interval '1 day') then -6
               when p_org_id is null and exists (select 1 from khop.org o where o.code = p_code) then -5
               when p_org_id is not null and not exists (select 1 from khop.org o where o.org_id = p_org_id) then -4 else 0 end;
    if rc = 0 then
        select coalesce(p_org_id, (select c.org_id from khop.org_create(p_now, p_org_random, p_org_name, p_kind, p_code, p_buckets) c)) into v_org;
        next := case when p_required then 'enrol' else 'done' end;
        insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at, signed_in_at)
        values (p_random & ((1::int8 << 48) - 1), p_login, p_name, p_password, p_pepper, p_now, p_now, p_now) returning user_id into v_user;
        insert into khop.membership (user_id, org_id, role, created_at, created_by) values (v_user, v_org, 'administrator', p_now, v_user);
        perform khop.session_begin(v_user, v_org, 'administrator', p_now, null, p_hash, p_session_random, next <> 'done', p_ip, p_agent);
        delete from khop.setup_code;
        perform khop.audit_put(o.bucket, o.org_id, p_now, v_user, left(encode(p_hash, 'hex'), 8), p_ip, p_req, 'user.setup', p_login, 'ok',
                'administrator')
           from khop.org o where o.org_id = v_org;
    end if;
    return next;
end $f$;
alter function khop.setup_finish owner to khop_owner;
revoke all on function khop.setup_finish from public;
grant execute on function khop.setup_finish to khop_serve;
comment on function khop.setup_finish is 'Makes the first administrator';
