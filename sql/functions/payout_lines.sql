-- Lines of a payout list of the token's organisation: a document with a page of them. Seeing them is seeing people's accounts: for those who
-- make, check and audit. rc -4: none of theirs.
create or replace function khop.payout_lines(p_token bytea, p_now timestamptz, p_payout_id int8, p_state text, p_after int4, p_limit int4)
returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 64 | 128 | 256);
    rc := v_login.rc;
    if rc = 0 then
        rc := case when exists (select from khop.payout p where p.bucket = v_login.bucket and p.payout_id = p_payout_id and p.org_id = v_login.org_id)
                   then 0 else -4 end;
    end if;
    if rc = 0 then
        doc := (
            with x as (select r.*, row_number() over (order by r.place) as nth
                         from khop.payout_rows(v_login.bucket, p_payout_id, p_state, p_after, p_limit + 1) r)
            select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('place', x.place, 'row', x.source_row, 'name', x.name,
                       'birth_on', x.birth_on, 'amount', x.amount, 'paid', x.got, 'bin', x.bin, 'account_no', x.account_no, 'holder', x.holder,
                       'payee', x.payee, 'payee_until', x.payee_until, 'state', x.state, 'warnings', to_jsonb(x.warnings),
                       'code', case when x.code_no is not null then khop.code_text(x.code_no) end, 'code_id', khop.id_text('cod', x.charge_id),
                       'paid_at', khop.time_text(case when x.got > 0 then x.last_paid_at end), 'from', khop.id_text('lst', x.from_payout),
                       'next', khop.id_text('lst', x.next)) order by x.place) filter (where x.nth <= p_limit), '[]'),
                       'next', case when count(*) > p_limit then max(x.place) filter (where x.nth <= p_limit) end)
              from x)::text;
    end if;
    return next;
end
$f$;
alter function khop.payout_lines owner to khop_fn_org;
revoke all on function khop.payout_lines from public;
grant execute on function khop.payout_lines to khop_serve;
comment on function khop.payout_lines is 'Lines of a payout list';
