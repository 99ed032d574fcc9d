-- What the form of one payer offers: classes that there are, what the state pays; and a payer of theirs to begin with. rc -4: no such payer.
create or replace function khop.payer_form(p_token bytea, p_now timestamptz, p_payer_id int8) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 2 | 4);
    rc := v_login.rc;
    if rc = 0 and p_payer_id is not null and not exists (
        select 1 from khop.payer p where p.bucket = v_login.bucket and p.payer_id = p_payer_id and p.org_id = v_login.org_id) then
        rc := -4;
    end if;
    if rc = 0 then
        doc := jsonb_build_object(
            'policies', (select jsonb_agg(jsonb_build_object('policy', y.policy, 'label', y.label) order by y.policy) from khop.support_policy y),
            'classes', (select coalesce(jsonb_agg(x.class order by x.class collate khop.vn), '[]')
                          from (select distinct p.class from khop.payer p
                                 where p.bucket = v_login.bucket and p.org_id = v_login.org_id and p.left_at is null and p.class is not null) x),
            'payer', case when p_payer_id is not null then khop.payer_doc(v_login.bucket, p_payer_id)::jsonb end)::text;
    end if;
    return next;
end $f$;
alter function khop.payer_form owner to khop_owner;
revoke all on function khop.payer_form from public;
grant execute on function khop.payer_form to khop_serve;
comment on function khop.payer_form is 'What the form of one payer offers';
