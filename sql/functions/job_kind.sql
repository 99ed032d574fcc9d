-- The kinds of jobs: `scopes` who may start, cancel and confirm one (any of these bits, see khop.login); `alone` that nobody but who started
-- it may see it; else everybody may who reads. No row: there is no such kind.
create or replace function khop.job_kind(p_kind text) returns table (scopes int4, alone bool)
language sql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select k.scopes, k.alone from (values
        ('codes', 2, false),
        ('payers', 2 | 4, false),       -- a list of pupils
        ('round_issue', 2 | 4 | 16, false),
        ('day', 1 | 4 | 16, false),     -- the sheet of a day
        ('receipt', 1 | 4, false),      -- the desk's paper of a receipt
        ('report', 1 | 4, false),
        ('slips', 1, false),
        ('stall_poster', 8 | 32, true),
        ('round_list', 1, false),
        ('statement', 4, false),        -- a file of a bank
        ('payout_list', 64, true),      -- a commune's list of beneficiaries
        ('payout_issue', 64 | 128, false),
        ('payout_batch', 64 | 128, true),
        ('payout_report', 64 | 128 | 256, true)
    ) k (kind, scopes, alone) where k.kind = p_kind
$f$;
alter function khop.job_kind owner to khop_fn_org;
revoke all on function khop.job_kind from public;
comment on function khop.job_kind is 'Who may start a job of a kind, and who may see it';
