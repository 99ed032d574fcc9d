-- The kinds of jobs: `scopes` who may start, cancel and confirm one (any of these bits, see khop.login); `alone` that nobody but who started
-- it may see it; else everybody may who reads; `personal` that its file has names of people (of a report, some have: job_named), so that who takes
-- it is written down. No row: there is no such kind.
create or replace function khop.job_kind(p_kind text) returns table (scopes int4, alone bool, personal bool)
language sql stable security definer
set search_path = pg_catalog, khop, pg_temp
as $f$
    select k.scopes, k.alone, k.personal from (values
        ('codes', 2, false, false),
        ('payers', 2 | 4, false, true),        -- a list of pupils; a file with faults comes back
        ('round_amounts', 2 | 4, false, true), -- a list of what single pupils are asked in a round
        ('round_issue', 2 | 4 | 16, false, false),
        ('day', 1 | 4 | 16, false, false),     -- the sheet of a day
        ('receipt', 1 | 4, false, true),      -- the desk's paper of a receipt
        ('report', 1 | 4, false, true),
        ('slips', 1, false, true),
        ('stall_poster', 8 | 32, true, false),
        ('round_list', 1, false, true),
        ('statement', 4, false, false),        -- a file of a bank
        ('payout_list', 64, true, false),      -- a commune's list of beneficiaries
        ('payout_issue', 64 | 128, false, false),
        ('payout_batch', 64 | 128, true, true),
        ('payout_report', 64 | 128 | 256, true, true)
    ) k (kind, scopes, alone, personal) where k.kind = p_kind
$f$;
alter function khop.job_kind owner to khop_fn_org;
revoke all on function khop.job_kind from public;
comment on function khop.job_kind is 'Who may start a job of a kind, and who may see it';
