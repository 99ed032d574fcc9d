-- Takes one try from a budget: five within a quarter of an hour, then one after a delay of 1, 2, 4, 8, 15 minutes (p_flat: always 15). The
-- try is counted before it is known whether it fails, so that tries side by side count, too; who succeeds gets the budget back
-- (budget_reset). An hour without a try forgets the delays.
-- Answers how many seconds to wait; 0: the try may be made.
create or replace function khop.budget_take(p_budget bytea, p_now timestamptz, p_flat bool)
returns int4
language plpgsql volatile security definer
set search_path = pg_catalog, khop, pg_temp
set jit = off
set enable_seqscan = off
as $f$
#variable_conflict use_column
declare
    v_row khop.login_budget;
begin
    insert into khop.login_budget (budget, failures, since, next_at) values (p_budget, 0, p_now, p_now) on conflict do nothing;
    select * into v_row from khop.login_budget b where b.budget = p_budget for update;
    if v_row.next_at > p_now then
        return ceil(extract(epoch from v_row.next_at - p_now))::int4;
    end if;
    if v_row.failures < 5 and v_row.since <= p_now - interval '15 minutes' or v_row.next_at <= p_now - interval '1 hour' then
        v_row.failures := 0;
        v_row.since := p_now;
    end if;
    v_row.failures := least(v_row.failures + 1, 1000);
    update khop.login_budget b
       set failures = v_row.failures, since = v_row.since,
           next_at = p_now + case when v_row.failures < 5 then interval '0'
                                  when p_flat then interval '15 minutes'
                                  else least(15, 1 << least(v_row.failures - 5, 4)) * interval '1 minute' end
     where b.budget = p_budget;
    return 0;
end $f$;
alter function khop.budget_take owner to khop_owner;
revoke all on function khop.budget_take from public;
comment on function khop.budget_take is 'Takes one try from a budget';
