-- A day of all receiving accounts of the organisation that the caller may see: of each the books' opening, in, out and closing, what the bank says of that day, and
-- the three-way states with counts (ledger.md §6.1); those on which most moved first. States are counted for the forty on which most moved; of the others it is null.
-- Accounts that have nothing at all are counted only.
create or replace function khop.day_accounts(p_token bytea, p_now timestamptz, p_day date, p_limit int4) returns table (rc int2, doc text)
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set enable_seqscan = off
set jit = off
as $f$
#variable_conflict use_column
declare
    v_login record;
begin
    select * into v_login from khop.login(p_token, p_now, 1 | 4);
    rc := v_login.rc;
    if rc <> 0 then
        return next;
        return;
    end if;
    with side as (
        select s.ledger, coalesce(sum(s.amount) filter (where s.day < p_day), 0)::int8 as opening,
               coalesce(sum(s.amount) filter (where s.day = p_day and khop.bank_moves(true, s.other)), 0)::int8 as credit,
               coalesce(- sum(s.amount) filter (where s.day = p_day and khop.bank_moves(false, s.other)), 0)::int8 as debit,
               coalesce(sum(s.n) filter (where s.day = p_day), 0)::int8 as n
          from (select t.day, t.debit as ledger, t.credit as other, t.amount, t.n from khop.day_total t
                 where t.bucket = v_login.bucket and t.org_id = v_login.org_id and t.day <= p_day
                union all
                select t.day, t.credit, t.debit, - t.amount, t.n from khop.day_total t
                 where t.bucket = v_login.bucket and t.org_id = v_login.org_id and t.day <= p_day) s
         group by s.ledger),
    book as materialized (
        select a.*, coalesce(s.opening, 0) as opening, coalesce(s.credit, 0) as credit, coalesce(s.debit, 0) as debit, s.ledger is not null as used,
               row_number() over (order by s.n desc nulls last, s.ledger is null, a.account_id) as place, coalesce(s.n, 0) as n
          from khop.account a
          left join side s on s.ledger = a.ledger_no
         where a.org_id = v_login.org_id
           and a.account_id <> all (coalesce(string_to_array(nullif(current_setting('khop.hidden', true), ''), ',')::int8[], '{}'))), -- somebody's own
    shown as (
        select b.*, k.file_id, coalesce(k.complete, false) as complete, k.credit = b.credit and k.debit = b.debit as agrees, i.states
          from (select b.* from book b where b.used or b.place <= 1 order by b.place limit p_limit) b
         cross join lateral khop.recon_bank(v_login.bucket, b.account_id, p_day) k
          left join lateral (
               select coalesce(jsonb_agg(jsonb_build_object('state', s.state, 'count', s.n, 'in', s.credit, 'out', s.debit) order by s.rank), '[]') as states
                 from (select i.state, i.rank, count(*) as n, coalesce(sum(i.amount) filter (where i.direction = 1), 0) as credit,
                              coalesce(sum(i.amount) filter (where i.direction = 2), 0) as debit
                         from khop.recon_items(v_login.bucket, v_login.org_id, b.account_id, p_day) i group by i.state, i.rank) s) i
            on b.place <= 40 and (b.n > 0 or k.file_id is not null))
    select jsonb_build_object('date', p_day, 'count', (select count(*) from book),
               'accounts', coalesce(jsonb_agg(jsonb_build_object('id', khop.id_text('acc', s.account_id), 'bin', s.bin, 'account_no', s.account_no, 'holder', s.holder,
                   'opening', s.opening, 'in', s.credit, 'out', s.debit, 'closing', s.opening + s.credit - s.debit, 'statement', khop.id_text('stm', s.file_id),
                   'complete', s.complete, 'agrees', s.agrees, 'states', s.states) order by s.place), '[]'),
               'sums', (select jsonb_build_object('opening', coalesce(sum(b.opening), 0), 'in', coalesce(sum(b.credit), 0), 'out', coalesce(sum(b.debit), 0),
                   'closing', coalesce(sum(b.opening + b.credit - b.debit), 0)) from book b))::text
      into doc
      from shown s;
    return next;
end $f$;
alter function khop.day_accounts owner to khop_fn_org;
revoke all on function khop.day_accounts from public;
grant execute on function khop.day_accounts to khop_serve;
comment on function khop.day_accounts is 'A day of all receiving accounts of an organisation';
