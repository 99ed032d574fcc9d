-- Marks what a person should look at before the money goes: an account that two people share, a holder who is not the beneficiary (or the
-- authorised payee), a sum that is no multiple of half the standard rate of the month, an authorisation that ends soon or never, somebody
-- who stands in another list of the month, somebody without a personal id (then doubles cannot be seen), a sum above what goes at once,
-- a bank that no code and no instant transfer reaches.
create or replace function khop.payout_warn(p_bucket int4, p_payout_id int8)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
set enable_nestloop = off
as $f$
declare
    v_payout khop.payout;
    v_rate int8;
    c_away constant text := '999888'; -- the Bank for Social Policies is not on NAPAS (lib/vietqr/banks.tsv)
begin
    select * into v_payout from khop.payout p where p.bucket = p_bucket and p.payout_id = p_payout_id;
    select b.amount into v_rate from khop.benefit_rate b where b.valid_from <= v_payout.month order by b.valid_from desc limit 1;
    with line as (
        select l.*, min(k.who) over (partition by l.bin, l.account_no) <> max(k.who) over (partition by l.bin, l.account_no) as shared
          from khop.payout_line l
         cross join lateral (select coalesce(encode(l.person, 'hex'), khop.fold(l.name)) as who) k
         where l.bucket = p_bucket and l.payout_id = p_payout_id),
    warned as materialized (
        select l.place, array_remove(array[
            case when l.shared then 'account_twice' end,
            case when khop.fold(l.holder) <> khop.fold(coalesce(l.payee, l.name)) then 'holder' end,
            case when l.from_payout is null and l.amount * 2 % v_rate <> 0 then 'standard' end,
            case when l.payee is not null and l.payee_until is null then 'payee_open' end,
            case when l.payee_until < v_payout.pay_by then 'payee_ended' when l.payee_until < v_payout.pay_by + 30 then 'payee_ending' end,
            case when l.person is null then 'no_person'
                 when l.from_payout is null and exists (
                     select from khop.payout_line x
                       join lateral (select p.* from khop.payout p where p.bucket = p_bucket and p.payout_id = x.payout_id limit 1) p on true
                      where x.bucket = p_bucket and x.person = l.person and x.payout_id <> p_payout_id and x.from_payout is null
                        and p.org_id = v_payout.org_id and p.month = v_payout.month and p.state <> 'cancelled') then 'other_list' end,
            case when l.amount >= 500000000 then 'large' end,
            case when l.bin = c_away then 'bank_away' end], null) as warnings
          from line l)
    update khop.payout_line l set warnings = w.warnings from warned w
     where l.bucket = p_bucket and l.payout_id = p_payout_id and l.place = w.place and w.warnings <> '{}';
end
$f$;
alter function khop.payout_warn owner to khop_fn_org;
revoke all on function khop.payout_warn from public;
comment on function khop.payout_warn is 'Marks what a person should look at in a payout list';
