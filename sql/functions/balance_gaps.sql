-- Gaps in the running balance of an account's notices: balances at which something begins and nothing ended, but for the first of them, where the account
-- begins to be known. In front of each stands the last balance before it at which something ended and nothing began, but for the one where the account stands now.
-- A statement that has both events has what was between them, with or without balances: that is no gap.
create or replace function khop.balance_gaps(p_bucket int4, p_org_id int8, p_account int8)
returns table (balance int8, before_balance int8, before_seq int8, after_seq int8, since timestamptz, exception_id int8)
language plpgsql stable security definer
set search_path = pg_catalog, khop, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set join_collapse_limit = 1
as $f$
#variable_conflict use_column
begin
    return query
    select m.balance, b.balance, b.to_seq, m.from_seq, m.since, m.exception_id
      from (select m.*, row_number() over (order by m.from_at, m.from_seq) as place
              from khop.balance_mark m where m.bucket = p_bucket and m.account_id = p_account and m.net < 0) m
      join lateral (
           select b.balance, b.to_seq
             from (select b.*, row_number() over (order by b.to_at desc, b.to_seq desc) as place
                     from khop.balance_mark b where b.bucket = p_bucket and b.account_id = p_account and b.net > 0) b
            where b.to_at <= m.from_at and b.net > case b.place when 1 then 1 else 0 end
            order by b.to_at desc, b.to_seq desc limit 1) b on true
     where m.place > 1
       and not exists (
           select from khop.line_event f
             join khop.line_event g on g.bucket = p_bucket and g.org_id = p_org_id and g.seq = m.from_seq
             join khop.statement_row r on r.bucket = p_bucket and r.account_id = p_account and r.line_no = f.line_no
             join khop.statement_row s on s.bucket = p_bucket and s.account_id = p_account and s.line_no = g.line_no and s.file_id = r.file_id
            where f.bucket = p_bucket and f.org_id = p_org_id and f.seq = b.to_seq);
end $f$;
alter function khop.balance_gaps owner to khop_fn_settle;
revoke all on function khop.balance_gaps from public;
comment on function khop.balance_gaps is 'Gaps in the running balance of an account''s notices';
