-- What the form of a round offers: accounts, classes with their number of payers, what the state pays; and a round of theirs to begin with. rc -4:
-- no such round.
create or replace function khop.round_form(p_token bytea, p_now timestamptz, p_round_id int8) returns table (rc int2, doc text)
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
    if rc = 0 and p_round_id is not null and not exists (
        select 1 from khop.round r where r.bucket = v_login.bucket and r.round_id = p_round_id and r.org_id = v_login.org_id) then
        rc := -4;
    end if;
    if rc = 0 then
        doc := jsonb_build_object(
            'accounts', (select coalesce(jsonb_agg(jsonb_build_object('id', khop.id_text('acc', a.account_id), 'bin', a.bin, 'account_no',
                a.account_no,
                                    'holder', a.holder) order by a.ledger_no), '[]') from khop.account a where a.org_id = v_login.org_id),
            'classes', (select coalesce(jsonb_agg(jsonb_build_object('class', x.class, 'payers', x.n) order by x.class collate khop.vn), '[]')
                          from (select p.class, count(*) as n from khop.payer p
                                 where p.bucket = v_login.bucket and p.org_id = v_login.org_id and p.left_at is null and p.class is not null
                                 group by p.class) x),
            'round', case when p_round_id is not null then khop.round_doc(v_login.bucket, p_round_id)::jsonb end)::text;
    end if;
    return next;
end $f$;
alter function khop.round_form owner to khop_owner;
revoke all on function khop.round_form from public;
grant execute on function khop.round_form to khop_serve;
comment on function khop.round_form is 'What the form of a round offers';
